// The sound of an answer, which comes in pieces of base64.

/** Pieces, and in the end one file that a browser plays. */
export class Sound {
  #pieces = [];
  #type = "audio/wav";

  /** OpenAI's `audio`, of a delta or of a whole message. */
  take({ data, extra_content: extra }) {
    this.#type = extra?.google?.mime_type ?? this.#type;
    if (data) this.#pieces.push(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
  }

  /** An address of what has come; `null` when nothing has. */
  get url() {
    if (!this.#pieces.length) return null;
    return URL.createObjectURL(new Blob(withLengths(this.#pieces), { type: this.#type }));
  }
}

/** A WAV file that began as a stream does not know how long it is: a browser would not either. */
function withLengths(pieces) {
  const [head, ...rest] = pieces, total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const word = (at) => String.fromCharCode(...head.subarray(at, at + 4));
  if (head.length < 44 || word(0) !== "RIFF" || word(36) !== "data") return pieces;
  const known = head.slice(), numbers = new DataView(known.buffer);
  numbers.setUint32(4, total - 8, true);
  numbers.setUint32(40, total - 44, true);
  return [known, ...rest];
}
