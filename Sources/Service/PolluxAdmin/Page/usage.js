// Usage and budgets by key, where the program keeps them; and of the last quarter of an hour in any case.

import { ask } from "./api.js";
import { make, number, table, view } from "./dom.js";

/** A table of whatever rows an answer has: its first array. */
function rowsOf(answer) {
  const rows = Array.isArray(answer) ? answer : Object.values(answer ?? {}).find(Array.isArray);
  return rows?.filter((row) => row && typeof row === "object") ?? [];
}

function plain(value) {
  if (typeof value === "number") return number(value);
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function generic(title, rows) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const isNumber = (name) => rows.every((row) => row[name] === undefined || row[name] === null
    || typeof row[name] === "number");
  return table(title, names.map((name) => [name.replaceAll("_", " "), (row) => plain(row[name]), isNumber(name)]),
    rows);
}

export function usage(main) {
  main.append(view("usage"));
  async function show() {
    const [keys, kept, traffic] = await Promise.all([ask("/admin/keys"), ask("/admin/usage?by=key"),
      ask("/admin/traffic?seconds=900")]);
    const fill = (name, title, answer, absence) => main.querySelector(name).replaceChildren(
      rowsOf(answer).length ? generic(title, rowsOf(answer)) : make("p", { class: "empty" }, absence));
    fill(".keys", "Keys and budgets", keys, "No keys are kept in a store.");
    fill(".usage", "Usage", kept, "No usage is kept in a store.");
    main.querySelector(".recent").replaceChildren(table("The last 15 minutes", [
      ["Key", (row) => row.name || "(none)"], ["Requests", (row) => number(row.requests), true],
      ["Errors", (row) => number(row.errors), true],
      ["Tokens in", (row) => number(row.input_tokens), true],
      ["Tokens out", (row) => number(row.output_tokens), true],
    ], traffic.by_client));
  }
  return { show, every: 5000 };
}
