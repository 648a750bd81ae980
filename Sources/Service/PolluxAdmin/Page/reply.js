// One answer of the gateway, shown in a turn while it comes.

import { make } from "./dom.js";
import { events } from "./events.js";
import { Sound } from "./sound.js";

/** An answer's message as it grows: what is shown, and what the next request repeats. */
class Reply {
  message = { role: "assistant", content: "" };
  #isThought = false;
  #thoughts = make("div", { class: "thoughts", hidden: true });
  #text = make("div", { class: "text" });
  #calls = make("pre", { hidden: true });
  #sound = new Sound();
  #audio = make("audio", { hidden: true, controls: true, "aria-label": "The answer's sound" });
  #foot = make("footer");

  #onNews;

  constructor(turn, onNews) {
    this.#onNews = onNews;
    turn.append(this.#thoughts, this.#text, this.#calls, this.#audio, this.#foot);
  }

  /** A delta, or a whole message. */
  take(delta) {
    if (delta.reasoning_content) this.#think(delta.reasoning_content);
    this.#read(delta.content ?? "");
    for (const image of delta.images ?? []) {
      this.#text.append(make("img", {
        src: image.image_url?.url ?? "", alt: "an image of the answer", onload: this.#onNews,
      }));
    }
    for (const call of delta.tool_calls ?? []) this.#call(call);
    if (delta.audio) this.#hear(delta.audio);
  }

  /** Later messages name a sound by its id; the text of what was said is part of the answer for the eye only. */
  #hear(audio) {
    this.#sound.take(audio);
    if (audio.id) this.message.audio = { id: audio.id };
    if (audio.transcript) this.#text.append(audio.transcript);
  }

  /** Nothing more comes: what has come can be listened to. */
  end() {
    const { url } = this.#sound;
    if (!url) return;
    this.#audio.src = url;
    this.#audio.hidden = false;
  }

  /** Thoughts stand between marks, which may lie in different pieces. */
  #read(piece) {
    while (piece) {
      const mark = this.#isThought ? "</thought>" : "<thought>", at = piece.indexOf(mark);
      const part = at < 0 ? piece : piece.slice(0, at);
      if (this.#isThought) this.#think(part);
      else this.#say(part);
      if (at < 0) return;
      this.#isThought = !this.#isThought;
      piece = piece.slice(at + mark.length);
    }
  }

  #think(text) {
    if (!text) return;
    this.#thoughts.hidden = false;
    this.#thoughts.append(text);
  }

  #say(text) {
    this.#text.append(text);
    this.message.content += text;
  }

  #call(call) {
    const calls = (this.message.tool_calls ??= []);
    const known = calls[call.index ?? calls.length];
    if (known) known.function.arguments += call.function?.arguments ?? "";
    else {
      calls.push({ id: call.id, type: "function", extra_content: call.extra_content,
        function: { name: call.function.name, arguments: call.function.arguments ?? "" } });
    }
    this.#calls.hidden = false;
    this.#calls.textContent = calls.map((one) => `${one.function.name}(${one.function.arguments})`).join("\n");
  }

  foot(text) {
    this.#foot.textContent = text;
  }

  /** What a conversation goes on with; `null` when nothing came. */
  get whole() {
    const { content, tool_calls: calls, audio } = this.message;
    if (!content && !calls && !audio) return null;
    return { ...this.message, content: content || null };
  }
}

/**
 * Shows a response in a turn.
 *
 * @param began when the request was sent, by `performance.now()`
 * @param onNews is called when there is more to see
 * @returns the message that the conversation goes on with, or `null`
 */
export async function read(response, turn, began, onNews) {
  const reply = new Reply(turn, onNews);
  let usage = null, finish = "", first = 0;
  const take = (body) => {
    if (body.error) {
      const { code, type, message } = body.error;
      turn.append(make("p", { class: "error" }, `${response.status} ${code ?? type ?? ""}: ${message}`));
    }
    const choice = body.choices?.[0];
    if (choice) reply.take(choice.delta ?? choice.message ?? {});
    finish = choice?.finish_reason ?? finish;
    usage = body.usage ?? usage;
    onNews();
  };
  if ((response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    for await (const event of events(response.body)) {
      first ||= performance.now();
      take(event);
    }
  } else {
    take(await response.json());
  }
  reply.end();
  const time = (to) => `${Math.round(to - began)} ms`;
  reply.foot([
    finish, first && `first ${time(first)}`, time(performance.now()), response.headers.get("server-timing"),
    usage && `${usage.prompt_tokens} + ${usage.completion_tokens} tokens`,
  ].filter(Boolean).join(" · "));
  onNews();
  return reply.whole;
}
