// Images and sounds that go along with a message.

/** OpenAI's words for sounds; Gemini knows further ones, by their types. */
const formats = { "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/wave": "wav" };

export function isSound(file) {
  return file.type.startsWith("audio/");
}

/** `{ name, type, url }`, the contents as a `data:` address. */
export function read(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, type: file.type, url: reader.result });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** The content part that a file makes. */
export function part(file) {
  if (!isSound(file)) return { type: "image_url", image_url: { url: file.url } };
  const data = file.url.slice(file.url.indexOf(",") + 1);
  return { type: "input_audio", input_audio: { data, format: formats[file.type] ?? file.type } };
}
