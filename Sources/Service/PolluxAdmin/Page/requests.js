// The last requests one by one, with what became of the fields of those that asked.

import { ask } from "./api.js";
import { cell, make, milliseconds, number, plain, view } from "./dom.js";

export function requests(main) {
  main.append(view("requests"));
  const filters = main.querySelector(".filters"), body = main.querySelector("tbody"),
    empty = main.querySelector(".empty");
  const opened = new Set();
  let records = [];
  filters.addEventListener("input", () => draw());
  filters.addEventListener("submit", (event) => event.preventDefault());

  function isWanted(record) {
    const text = filters.elements.text.value.trim().toLowerCase();
    if (filters.elements.errors.checked && record.status < 400 && !record.truncated) return false;
    return !text || [record.model, record.client, record.backend, record.location, record.error, record.reason,
      record.request_id, record.path]
      .some((value) => value?.toLowerCase().includes(text));
  }

  function draw() {
    const shown = records.filter(isWanted);
    empty.hidden = shown.length > 0;
    empty.textContent = records.length ? `None of the last ${records.length} requests is like that.` : "No request yet.";
    const focused = document.activeElement?.dataset?.id;
    body.replaceChildren(...shown.flatMap((record) => (opened.has(record.request_id) ? [row(record), more(record)]
      : [row(record)])));
    if (focused) body.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  function row(record) {
    const isOpen = opened.has(record.request_id);
    const toggle = make("button", {
      type: "button", class: "row", "data-id": record.request_id, "aria-expanded": String(isOpen),
      onclick: () => { if (!opened.delete(record.request_id)) opened.add(record.request_id); draw(); },
    }, `${isOpen ? "▾" : "▸"} ${new Date(record.time * 1000).toTimeString().slice(0, 8)}`);
    const end = record.error ?? (record.truncated ? "truncated" : record.finish_reason) ?? "";
    const bad = record.status >= 400 || record.truncated;
    return make("tr", {}, make("td", {}, toggle), make("td", { class: bad ? "bad" : "good" }, String(record.status)),
      cell(record.model ?? `(${record.operation})`), cell(record.client), cell(record.backend ?? ""),
      make("td", { class: "n" }, number(record.ms)), make("td", { class: "n" }, number(record.first_token_ms)),
      make("td", { class: "n" }, number(record.own_us / 1000)),
        make("td", { class: "n" }, number(record.prompt_tokens)),
      make("td", { class: "n" }, number(record.completion_tokens)), cell(end));
  }

  function more(record) {
    const notes = record.notes?.filter((note) => note.path) ?? [];
    const told = notes.map((note) => make("li", {}, make("span", { class: `fate ${note.fate}` }, note.fate),
      ` ${note.path} `,
      make("small", {}, `${note.detail ?? ""} [${note.rule}]`)));
    const facts = [
      `${record.method} ${record.path}`, record.client && `key ${record.client}`,
        record.backend && `backend ${record.backend}`, `id ${record.request_id}`, record.stream ? "streamed" : "whole",
        record.location && `in ${record.location}`,
      `upstream ${milliseconds(record.upstream_ms)}`, `${number(record.bytes_in)} bytes in`,
        `${number(record.bytes_out)} out`,
      record.cached_tokens && `${number(record.cached_tokens)} tokens cached`,
        record.thinking_tokens && `${number(record.thinking_tokens)} tokens of thinking`,
      record.error && `error ${record.error}`, record.truncated && "cut off before its end",
        record.tokens_estimated && "tokens estimated by length",
      record.retries && `${record.retries} retries`, record.spills && `${record.spills} spills`,
        record.hedges && `${record.hedges} hedges`, record.reason && `because: ${record.reason}`,
    ].filter(Boolean).join(" · ");
    const list = told.length ? make("ul", {}, ...told)
      : make("small", {}, "No notes: the header x-pollux-explain: 1 asks for them.");
    return make("tr", { class: "more" }, make("td", { colspan: 11 }, make("div", {}, plain(facts)), list));
  }

  async function show() {
    if (filters.elements.hold.checked) return;
    records = (await ask("/admin/requests?limit=200")).requests;
    draw();
  }
  return { show, every: 2000 };
}
