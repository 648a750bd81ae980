// What goes on: rates, percentiles and errors, in all and by model, key and backend.

import { ask } from "./api.js";
import { chart } from "./chart.js";
import { milliseconds, number, plain, renew, table, tiles, view } from "./dom.js";

/** @param refresh asks for what the filters let through, now */
export function live(main, refresh) {
  main.append(view("live"));
  const filters = main.querySelector(".filters");
  let asked = 0;
  filters.addEventListener("change", refresh);

  function choices(name, rows) {
    const select = filters.elements[name];
    for (const { name: text } of rows) {
      if (text && ![...select.options].some((option) => option.value === text)) select.add(new Option(plain(text), text));
    }
  }

  /** The charts of all requests together. */
  function together(report, times) {
    const step = report.step_seconds;
    const rate = (name) => report.over_time.map((slot) => slot[name] / step);
    const value = (name) => report.over_time.map((slot) => slot[name]);
    return [
      chart("Requests per second", times,
        [{ name: "all", values: rate("requests") }, { name: "errors", values: rate("errors") }]),
      chart("Tokens per second", times,
        [{ name: "in", values: rate("input_tokens") }, { name: "out", values: rate("output_tokens") }]),
      chart("Time of answers", times, [{ name: "50 %", values: value("p50_ms") },
        { name: "95 %", values: value("p95_ms") }, { name: "99 %", values: value("p99_ms") }], " ms"),
      chart("Time to the first token", times, [{ name: "50 %", values: value("first_token_p50_ms") },
        { name: "95 %", values: value("first_token_p95_ms") }], " ms"),
    ];
  }

  /** The charts with a line for each of the busiest names. */
  function apart(report, times) {
    const step = report.step_seconds;
    const lines = (read) => report.lines.map((line) => (
      { name: line.name || "(none)", values: line.over_time.map(read) }));
    return [
      chart("Requests per second", times, lines((slot) => slot.requests / step)),
      chart("Errors per second", times, lines((slot) => slot.errors / step)),
      chart("Tokens per second", times, lines((slot) => (slot.input_tokens + slot.output_tokens) / step)),
      chart("Time of answers, 95 %", times, lines((slot) => slot.p95_ms), " ms"),
      chart("Time to the first token, 95 %", times, lines((slot) => slot.first_token_p95_ms), " ms"),
    ];
  }

  async function show() {
    const query = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value));
    const own = ++asked, report = await ask(`/admin/traffic?${query}`);
    if (own !== asked) return;  // Another choice was made meanwhile.
    const times = report.over_time.map((slot) => slot.time);
    for (const kind of ["model", "client", "backend"]) choices(kind, report[`by_${kind}`]);
    const { total } = report;
    tiles(main.querySelector(".tiles"), [
      ["requests/s", number(total.requests / report.seconds)],
      ["tokens/s", number((total.input_tokens + total.output_tokens) / report.seconds)],
      ["errors", total.requests ? `${((100 * total.errors) / total.requests).toFixed(1)} %` : "–"],
      ["median", milliseconds(total.p50_ms)], ["95 %", milliseconds(total.p95_ms)],
      ["first token, median", milliseconds(total.first_token_p50_ms)],
    ]);
    main.querySelector(".charts").replaceChildren(...(report.lines ? apart : together)(report, times));
    const columns = [
      ["Name", (row) => row.name || "(none)"], ["Requests", (row) => number(row.requests), true],
      ["Errors", (row) => number(row.errors), true],
      ["Tokens in", (row) => number(row.input_tokens), true], ["out", (row) => number(row.output_tokens), true],
      ["50 %", (row) => milliseconds(row.p50_ms), true], ["95 %", (row) => milliseconds(row.p95_ms), true],
    ];
    renew(main.querySelector(".tables"),
      table("Models", columns, report.by_model), table("Keys", columns, report.by_client),
        table("Backends", columns, report.by_backend),
    );
  }
  return { show, every: 2000 };
}
