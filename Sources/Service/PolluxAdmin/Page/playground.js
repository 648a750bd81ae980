// A conversation through the gateway, and beside it what is sent on and what became of each field.

import { send } from "./api.js";
import { make, view } from "./dom.js";
import { isSound, part, read as readFile } from "./files.js";
import { read as readReply } from "./reply.js";
import { results } from "./results.js";

const tools = [{ type: "function", function: { name: "get_weather", description: "The weather in a city.",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } } }];
const schema = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } },
  required: ["name", "age"], additionalProperties: false };
/** Tokens of thinking where the effort cannot be said by its word, beside the wish to see thoughts. */
const budgets = { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24576 };

/**
 * What is kept between two visits of the view: what was said, what it looks like, results that are still missing, and
 * what stands in the fields.
 */
const kept = { messages: [], turns: [], results: null, fields: new Map() };

export function playground(main) {
  main.append(view("playground"));
  const form = main.querySelector("form"), fields = form.elements, talk = main.querySelector(".talk");
  const complaint = form.querySelector(".say .error");
  let attached = [], running = null, waiting = 0;
  talk.append(...kept.turns);
  const written = [...fields].filter(({ name, type }) => name && !["button", "submit", "file"].includes(type));
  for (const field of written) {
    const property = field.type === "checkbox" ? "checked" : "value";
    field[property] = kept.fields.get(field.name) ?? field[property];
  }

  function keepFields() {
    for (const field of written) {
      kept.fields.set(field.name, field.type === "checkbox" ? field.checked : field.value);
    }
  }

  // The request

  function parsed(name) {
    const text = fields[name].value.trim();
    if (!text) return undefined;
    try { return JSON.parse(text); } catch (error) { throw new Error(`${name}: ${error.message}`); }
  }

  function request(messages) {
    const body = { model: fields.model.value.trim(), messages };
    const system = fields.system.value.trim(), effort = fields.effort.value;
    if (system) body.messages = [{ role: "system", content: system }, ...messages];
    if (fields.stream.checked) Object.assign(body, { stream: true, stream_options: { include_usage: true } });
    if (fields.thoughts.checked) {
      const config = { include_thoughts: true };
      if (effort) config.thinking_budget = budgets[effort];
      body.extra_body = { google: { thinking_config: config, thought_tag_marker: "thought" } };
    } else if (effort) {
      body.reasoning_effort = effort;
    }
    const voice = fields.voice.value.trim();
    if (voice) Object.assign(body, { modalities: ["text", "audio"], audio: { voice, format: "wav" } });
    const list = parsed("tools"), shape = parsed("schema");
    if (list) body.tools = list;
    if (shape) {
      body.response_format = { type: "json_schema", json_schema: { name: "answer", schema: shape, strict: true } };
    }
    return body;
  }

  /** What the person says next: results that were asked for, and a message. */
  function next() {
    const text = fields.text.value.trim(), said = kept.results?.messages() ?? [];
    if (attached.length) {
      const parts = attached.map(part);
      return [...said, { role: "user", content: text ? [{ type: "text", text }, ...parts] : parts }];
    }
    return text ? [...said, { role: "user", content: text }] : said;
  }

  function turn(role, ...contents) {
    const element = make("div", { class: `turn ${role}` }, ...contents);
    kept.turns.push(element);
    talk.append(element);
    toEnd();
    return element;
  }

  function toEnd() {
    talk.scrollTop = talk.scrollHeight;
  }

  // Side by side

  /** Long base64 is shortened for the eye only. */
  function shown(value) {
    const shorten = (_, text) => (typeof text === "string" && text.length > 400
      ? `${text.slice(0, 80)}… (${text.length} characters)` : text);
    return JSON.stringify(value, shorten, 2);
  }

  async function explain(body) {
    main.querySelector(".openai").textContent = shown(body);
    const response = await send("/admin/playground/explain", body);
    const told = await response.json();
    main.querySelector(".call").textContent = told.call
      ? `${told.call}${told.count > 1 ? ` (${told.count} times)` : ""}` : "refused";
    main.querySelector(".gemini").textContent = shown(told.result ?? told.error ?? told);
    main.querySelector(".fates").replaceChildren(...(told.fields ?? []).map((field) => make("tr", {},
      make("td", {}, make("span", { class: `fate ${field.fate}` }, field.fate)),
      make("td", { class: "wrap" }, field.path), make("td", { class: "wrap" }, field.detail ?? ""),
      make("td", {}, [field.rules ?? field.rule ?? ""].flat().join(", ")))));
  }

  async function preview() {
    try {
      await explain(request([...kept.messages, ...next()]));
      complaint.textContent = "";
    } catch (error) {
      complaint.textContent = error.message;
    }
  }

  function schedule() {
    clearTimeout(waiting);
    waiting = setTimeout(preview, 300);
  }

  // Saying something

  /** Shows what is said as turns of the conversation, and gives them. */
  function show(messages) {
    const turns = messages.filter(({ role }) => role === "tool").map(({ content }) => turn("tool", content));
    const text = fields.text.value.trim();
    if (!text && !attached.length) return turns;
    return [...turns, turn("user", text, ...attached.map((file) => (isSound(file)
      ? make("audio", { src: file.url, controls: true }) : make("img", { src: file.url, alt: file.name }))))];
  }

  async function say() {
    if (running) return;
    complaint.textContent = "";
    let body, own;
    try {
      own = next();
      if (!own.length) throw new Error("There is nothing to send.");
      body = request([...kept.messages, ...own]);
    } catch (error) {
      complaint.textContent = error.message;
      return;
    }
    const said = { turns: show(own), text: fields.text.value, attached, results: kept.results };
    wantResults(null);
    fields.text.value = "";
    attach([]);
    const element = turn("assistant");
    setRunning(new AbortController());
    try {
      explain(body).catch(() => {});
      const key = fields.key.value.trim(), began = performance.now();
      const response = await send("/admin/playground/chat", body, key ? { "x-client-key": key } : {}, running.signal);
      const reply = await readReply(response, element, began, toEnd);
      if (reply) {
        kept.messages.push(...own, reply);
        if (reply.tool_calls) wantResults(reply.tool_calls);
      } else {
        takeBack(said);
      }
    } catch (error) {
      element.append(make("p", { class: "error" }, error.name === "AbortError" ? "Stopped." : error.message));
      takeBack(said);
    }
    setRunning(null);
    (form.querySelector(".results textarea") ?? fields.text).focus();
  }

  /** What was not answered is no part of the conversation; it waits to be sent again. */
  function takeBack({ turns, text, attached: files, results: wanted }) {
    for (const element of turns) element.classList.add("unanswered");
    kept.results = wanted;
    if (!form.isConnected) return;  // Another view is shown by now.
    if (!fields.text.value) fields.text.value = text;
    if (!attached.length) attach(files);
    showResults();
  }

  function setRunning(controller) {
    running = controller;
    fields.send.disabled = running !== null;
    fields.stop.disabled = running === null;
  }

  /** Asks the person for what the tools answer. */
  function wantResults(calls) {
    kept.results = calls && results(calls);
    showResults();
  }

  function showResults() {
    main.querySelector(".wanted").replaceChildren(...(kept.results ? [kept.results.element] : []));
    if (kept.results) schedule();
  }

  function attach(files) {
    attached = files;
    main.querySelector(".attached").replaceChildren(...files.map((file) => make("button", {
      type: "button", "aria-label": `Remove ${file.name}`,
      onclick: () => attach(attached.filter((other) => other !== file)),
    }, `${file.name} ✕`)));
    schedule();
  }

  function clear() {
    for (const { src } of talk.querySelectorAll("audio")) URL.revokeObjectURL(src);
    Object.assign(kept, { messages: [], turns: [] });
    talk.replaceChildren();
    wantResults(null);
    schedule();
    fields.text.focus();
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); say(); });
  form.addEventListener("input", (event) => { if (event.target !== fields.files) schedule(); });
  form.addEventListener("keydown", (event) => {
    const isOurs = event.target === fields.text || event.target.closest(".results");
    if (isOurs && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); say(); }
  });
  fields.files.addEventListener("change", async () => {
    attach([...attached, ...await Promise.all([...fields.files.files].map(readFile))]);
    fields.files.value = "";
  });
  fields.stop.addEventListener("click", () => running?.abort());
  fields.clear.addEventListener("click", clear);
  for (const [name, value] of Object.entries({ tools, schema })) {
    fields[`sample-${name}`].addEventListener("click", () => {
      fields[name].value = JSON.stringify(value, null, 2);
      schedule();
    });
  }
  showResults();
  schedule();
  return { close: () => { clearTimeout(waiting); keepFields(); running?.abort(); } };
}
