// The process and its backends: tokens, failures, retries, spills.

import { ask } from "./api.js";
import { make, number, renew, span, table, tiles, view } from "./dom.js";

export function backends(main) {
  main.append(view("backends"));

  function card(backend) {
    const rows = [["Kind", backend.kind], ["Credential", backend.credential.replaceAll("_", " ")]];
    const { token } = backend;
    if (token) {
      rows.push(["Token", make("span",
        { class: token.state === "fresh" || token.state === "ageing" ? "good" : "bad" }, token.state)]);
      if (token.age_seconds !== undefined) rows.push(["Token's age", span(token.age_seconds)]);
      if (token.expiry !== undefined) rows.push(["Token ends in",
        span(Math.max(0, Math.round(token.expiry - Date.now() / 1000)))]);
      rows.push(["Tokens fetched", number(token.refreshes)], ["Attempts failed", number(token.failures)]);
      if (token.last_error) rows.push(["Last error", make("span", { class: "bad" }, token.last_error)]);
    }
    rows.push(["Health", backend.healthy ? make("span", { class: "good" }, "answers")
      : make("span", { class: "bad" }, "does not answer")]);
    const failed = backend.requests
      ? `${number(backend.failures)} (${((100 * backend.failures) / backend.requests).toFixed(1)} %)` : "0";
    rows.push(["Requests", number(backend.requests)], ["Answered 5xx", failed], ["Retries", number(backend.retries)],
      ["Spills", number(backend.spills)], ["Hedges", number(backend.hedges)],
      ["Truncated", number(backend.truncations)]);
    return make("section", { class: "card" }, make("h2", {}, backend.name),
      make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])));
  }

  /** How the store is; nothing where there is none. */
  function store(state) {
    if (!state) return [];
    const isWell = state.state === "writing";
    const since = span(Math.max(0, Math.round(Date.now() / 1000 - state.since)));
    return [
      ["store", make("span", { class: isWell ? "good" : "bad", title: state.reason ?? "" },
        isWell ? state.state : `${state.state} for ${since}`)],
      ["usage rows waiting", `${number(state.rows_waiting)} / ${number(state.rows_limit)}`],
      ["usage rows lost", make("span", { class: state.rows_dropped ? "bad" : null }, number(state.rows_dropped))],
      ["keys active", number(state.keys.active)],
    ];
  }

  function places(rows) {
    if (!rows.length) return [];
    return [table("Places", [
      ["Backend", (row) => row.backend], ["Location", (row) => row.location || "–"], ["Model", (row) => row.model],
      ["Condition", (row) => (row.rest_ms ? `${row.condition}, ${span(Math.ceil(row.rest_ms / 1000))}` : row.condition)],
      ["Requests", (row) => number(row.requests), true], ["429", (row) => number(row.throttled), true],
      ["Failed", (row) => number(row.failed), true], ["Rests", (row) => number(row.rests), true],
      ["Probes", (row) => number(row.probes), true], ["Spilled", (row) => number(row.spilled), true],
      ["Hedges won", (row) => `${number(row.hedges_won)} of ${number(row.hedges)}`, true],
      ["First byte p95, ms", (row) => number(row.first_byte_p95_ms), true],
    ], rows)];
  }

  async function show() {
    const state = await ask("/admin/status");
    const active = state.upstream_connections - state.upstream_connections_idle;
    tiles(main.querySelector(".tiles"), [
      ["up for", span(state.uptime_seconds)],
      ["configuration", `${state.configuration.generation}${state.configuration.refused ? " (newer refused)" : ""}`],
      ["requests running", `${number(state.requests_running)} / ${number(state.requests_limit)}`],
      ["streams open", number(state.streams_open)],
      ["client connections", number(state.client_connections)],
      ["upstream connections", `${number(active)} + ${number(state.upstream_connections_idle)} idle`],
      ["log lines lost", number(state.log_lines_dropped)], ...store(state.store),
    ]);
    main.querySelector(".cards").replaceChildren(...state.backends.map(card));
    renew(main.querySelector(".places"), ...places(state.places));
  }
  return { show, every: 2000 };
}
