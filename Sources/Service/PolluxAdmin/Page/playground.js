// A conversation through the gateway, and beside it what is sent on and what became of each field.

import { send } from "./api.js";
import { make, view } from "./dom.js";
import { events } from "./events.js";

const tools = [{ type: "function", function: { name: "get_weather", description: "The weather in a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } }];
const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name", "age"],
  additionalProperties: false };

/** What is kept between two visits of the view. */
const kept = { messages: [], turns: [] };

export function playground(main) {
  main.append(view("playground"));
  const form = main.querySelector("form"), fields = form.elements, talk = main.querySelector(".talk");
  const complaint = form.querySelector(".say .error");
  let attached = [], running = null, waiting = 0;
  talk.append(...kept.turns);

  // The request

  function parsed(name) {
    const text = fields[name].value.trim();
    if (!text) return undefined;
    try { return JSON.parse(text); } catch (error) { throw new Error(`${name}: ${error.message}`); }
  }

  function request(messages) {
    const body = { model: fields.model.value.trim(), messages };
    if (fields.system.value.trim()) body.messages = [{ role: "system", content: fields.system.value }, ...messages];
    if (fields.stream.checked) Object.assign(body, { stream: true, stream_options: { include_usage: true } });
    if (fields.effort.value) body.reasoning_effort = fields.effort.value;
    if (fields.thoughts.checked) {
      body.extra_body = { google: { thinking_config: { include_thoughts: true }, thought_tag_marker: "thought" } };
      // Both say how much: the upstream refuses them together.
      if (body.reasoning_effort) delete body.reasoning_effort;
    }
    const list = parsed("tools"), shape = parsed("schema");
    if (list) body.tools = list;
    if (shape) body.response_format = { type: "json_schema",
      json_schema: { name: "answer", schema: shape, strict: true } };
    return body;
  }

  function message() {
    const text = fields.text.value.trim();
    if (!attached.length) return text ? { role: "user", content: text } : null;
    const parts = attached.map((file) => (file.type.startsWith("audio/")
      ? { type: "input_audio", input_audio: { data: file.url.split(",")[1],
        format: file.type.includes("mpeg") ? "mp3" : "wav" } }
      : { type: "image_url", image_url: { url: file.url } }));
    return { role: "user", content: text ? [{ type: "text", text }, ...parts] : parts };
  }

  function turn(role, ...contents) {
    const element = make("div", { class: `turn ${role}` }, ...contents);
    kept.turns.push(element);
    talk.append(element);
    talk.scrollTop = talk.scrollHeight;
    return element;
  }

  // Side by side

  /** Long base64 is shortened for the eye only. */
  function shown(value) {
    return JSON.stringify(value, (_,
      text) => (typeof text === "string" && text.length > 400 ? `${text.slice(0, 80)}… (${text.length} characters)`
      : text), 2);
  }

  async function explain(body) {
    main.querySelector(".openai").textContent = shown(body);
    const response = await send("/admin/playground/explain", body);
    const told = await response.json();
    const result = told.result ?? told.error ?? told;
    main.querySelector(".call").textContent = told.call
      ? `${told.call}${told.count > 1 ? ` (${told.count} times)` : ""}` : "refused";
    main.querySelector(".gemini").textContent = shown(result);
    main.querySelector(".fates").replaceChildren(...(told.fields ?? []).map((field) => make("tr", {},
      make("td", {}, make("span", { class: `fate ${field.fate}` }, field.fate)),
        make("td", { class: "wrap" }, field.path),
      make("td", { class: "wrap" }, field.detail ?? ""),
        make("td", {}, [field.rules ?? field.rule ?? ""].flat().join(", ")))));
  }

  async function preview() {
    try {
      const next = message();
      await explain(request(next ? [...kept.messages, next] : kept.messages));
      complaint.textContent = "";
    } catch (error) {
      complaint.textContent = error.message;
    }
  }

  // The answer

  async function answer(response, element, began) {
    const thoughts = make("div", { class: "thoughts", hidden: true }), text = make("div"),
      calls = make("pre", { hidden: true });
    const foot = make("footer");
    element.append(thoughts, text, calls, foot);
    const reply = { role: "assistant", content: "" };
    let usage = null, finish = "", first = 0, inside = false;
    const take = (delta) => {
      let piece = delta.content ?? "";
      if (delta.reasoning_content) { thoughts.hidden = false; thoughts.textContent += delta.reasoning_content; }
      while (piece) {
        const mark = inside ? "</thought>" : "<thought>", at = piece.indexOf(mark),
          part = at < 0 ? piece : piece.slice(0, at);
        if (inside) { thoughts.hidden = false; thoughts.textContent += part; } else { text.textContent += part;
          reply.content += part; }
        if (at < 0) break;
        inside = !inside;
        piece = piece.slice(at + mark.length);
      }
      for (const image of delta.images ?? []) text.append(make("img",
        { src: image.image_url?.url ?? "", alt: "an image of the answer" }));
      for (const call of delta.tool_calls ?? []) {
        reply.tool_calls ??= [];
        const known = reply.tool_calls[call.index ?? reply.tool_calls.length];
        if (known) known.function.arguments += call.function?.arguments ?? "";
        else reply.tool_calls.push({ id: call.id, type: "function",
          function: { name: call.function.name, arguments: call.function.arguments ?? "" },
          extra_content: call.extra_content });
        calls.hidden = false;
        calls.textContent = reply.tool_calls.map((one) => `${one.function.name}(${one.function.arguments})`).join("\n");
      }
      talk.scrollTop = talk.scrollHeight;
    };
    const failed = (error) => { element.append(make("p", { class: "error" },
      `${response.status} ${error.code ?? error.type ?? ""}: ${error.message}`)); };
    if ((response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
      for await (const event of events(response.body)) {
        if (event.error) { failed(event.error); break; }
        first ||= performance.now();
        const choice = event.choices?.[0];
        if (choice) take(choice.delta ?? {});
        finish = choice?.finish_reason ?? finish;
        usage = event.usage ?? usage;
      }
    } else {
      const body = await response.json();
      if (body.error) failed(body.error);
      const choice = body.choices?.[0];
      if (choice) take(choice.message);
      finish = choice?.finish_reason ?? "";
      usage = body.usage;
    }
    const time = (from) => `${Math.round(from - began)} ms`;
    foot.textContent = [finish, first && `first ${time(first)}`, time(performance.now()),
      response.headers.get("server-timing"),
      usage && `${usage.prompt_tokens} + ${usage.completion_tokens} tokens`].filter(Boolean).join(" · ");
    if (!reply.tool_calls) return reply.content ? reply : null;
    if (!reply.content) reply.content = null;
    return reply;
  }

  async function say() {
    if (running) return;
    complaint.textContent = "";
    let body, own;
    try {
      own = message();
      if (!own) throw new Error("There is nothing to send.");
      body = request([...kept.messages, own]);
    } catch (error) {
      complaint.textContent = error.message;
      return;
    }
    turn("user", fields.text.value.trim(), ...attached.map((file) => (file.type.startsWith("audio/")
      ? make("audio", { src: file.url, controls: true }) : make("img", { src: file.url, alt: file.name }))));
    const element = turn("assistant");
    fields.text.value = "";
    attach([]);
    running = new AbortController();
    fields.send.disabled = true;
    fields.stop.disabled = false;
    try {
      explain(body).catch(() => {});
      const key = fields.key.value.trim(), began = performance.now();
      const response = await send("/admin/playground/chat", body, key ? { "x-client-key": key } : {}, running.signal);
      const reply = await answer(response, element, began);
      if (reply) {
        kept.messages.push(own, reply);
        for (const call of reply.tool_calls ?? []) {
          // The tool's part is the person's: an answer that goes on is asked for with a made-up result.
          kept.messages.push({ role: "tool", tool_call_id: call.id, content: "{\"result\":\"done\"}" });
        }
      }
    } catch (error) {
      element.append(make("p", { class: "error" }, error.name === "AbortError" ? "Stopped." : error.message));
    }
    running = null;
    fields.send.disabled = false;
    fields.stop.disabled = true;
    fields.text.focus();
  }

  // Files

  function attach(files) {
    attached = files;
    main.querySelector(".attached").replaceChildren(...files.map((file) => make("button", {
      type: "button", onclick: () => attach(attached.filter((other) => other !== file)),
        "aria-label": `Remove ${file.name}`,
    }, `${file.name} ✕`)));
    schedule();
  }

  function read(file) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve({ name: file.name, type: file.type, url: reader.result });
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });
  }

  function schedule() {
    clearTimeout(waiting);
    waiting = setTimeout(preview, 300);
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); say(); });
  form.addEventListener("input", (event) => { if (event.target !== fields.files) schedule(); });
  fields.files.addEventListener("change", async () => {
    attach([...attached, ...await Promise.all([...fields.files.files].map(read))]);
    fields.files.value = "";
  });
  fields.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); say(); }
  });
  fields.stop.addEventListener("click", () => running?.abort());
  fields.clear.addEventListener("click",
    () => { kept.messages = []; kept.turns = []; talk.replaceChildren(); schedule(); fields.text.focus(); });
  fields["sample-tools"].addEventListener("click",
    () => { fields.tools.value = JSON.stringify(tools, null, 2); schedule(); });
  fields["sample-schema"].addEventListener("click",
    () => { fields.schema.value = JSON.stringify(schema, null, 2); schedule(); });
  schedule();
  return { close: () => { clearTimeout(waiting); running?.abort(); } };
}
