// Keys with what is left of their budgets, usage of this month, and the last quarter of an hour.

import { Refused, ask } from "./api.js";
import { make, number, renew, table, view } from "./dom.js";

/** The first days of today's and of this month's usage, in UTC as the store has them. */
function periods() {
  const day = new Date().toISOString().slice(0, 10);
  return { day, month: `${day.slice(0, 8)}01` };
}

function dollars(value) {
  return `$${Number(value).toFixed(Number(value) < 1 ? 4 : 2)}`;
}

/** A budget's use as a bar and in figures. */
function budget(used, limit, text) {
  if (limit === null) return null;
  const part = Math.min(1, used / limit);
  return make("div", { class: "budget" },
    make("meter", { min: 0, max: 1, high: 0.8, optimum: 0, value: part, "aria-label": `${Math.round(100 * part)} % used` }),
    `${text(used)} of ${text(limit)}`);
}

/** Both budgets of a period; a dash for a key that has none. */
function budgets(key, line, period) {
  const tokens = (line?.prompt_tokens ?? 0) + (line?.completion_tokens ?? 0);
  const bars = [
    budget(Number(line?.cost ?? 0), key[`budget_${period}`], dollars),
    budget(tokens, key[`budget_${period}_tokens`], (value) => `${number(value)} tokens`),
  ].filter(Boolean);
  return bars.length ? make("div", {}, ...bars) : "–";
}

function limits(key) {
  return [
    key.rpm && `${number(key.rpm)} requests/min`, key.tpm && `${number(key.tpm)} tokens/min`,
    key.concurrent && `${number(key.concurrent)} at a time`,
  ].filter(Boolean).join(", ") || "–";
}

/** Rows that a table has at most: there may be thousands of keys, and a browser would do nothing but draw them. */
const most = 100;

/** The busiest of the rows that were looked for, and how many there are. */
function busiest(rows, texts, text, cost) {
  const found = rows.filter((row) => !text || texts(row).some((value) => value?.toLowerCase().includes(text)));
  return { count: found.length, rows: found.toSorted((a, b) => cost(b) - cost(a)).slice(0, most) };
}

/** How a table is called that may not have all rows. */
function titled(title, { count }) {
  return count > most ? `${title}: the ${most} of ${count} that cost most` : title;
}

function keyTable(keys, day, month, text) {
  const ofDay = new Map(day.map((line) => [line.key, line])), ofMonth = new Map(month.map((line) => [line.key, line]));
  const told = busiest(keys, (key) => [key.name, key.owner, ...(key.models ?? [])], text,
    (key) => Number(ofMonth.get(key.name)?.cost ?? 0));
  return table(titled("Keys and budgets", told), [
    ["Key", (key) => key.name],
    ["State", (key) => make("span", { class: key.state === "active" ? "good" : "bad" },
      key.source === "configuration" ? `${key.state}, configured` : key.state)],
    ["Owner", (key) => key.owner ?? "–"], ["Models", (key) => key.models?.join(", ") ?? "all"],
    ["Limits", limits], ["Today", (key) => budgets(key, ofDay.get(key.name), "day")],
    ["This month", (key) => budgets(key, ofMonth.get(key.name), "month")],
    ["Expires", (key) => (key.expires ? new Date(key.expires * 1000 - 1).toISOString().slice(0, 10) : "–")],
  ], told.rows);
}

const counts = [
  ["Requests", (line) => number(line.requests), true], ["Errors", (line) => number(line.errors), true],
  ["Truncated", (line) => number(line.truncated), true], ["Tokens in", (line) => number(line.prompt_tokens), true],
  ["cached", (line) => number(line.cached_tokens), true], ["Tokens out", (line) => number(line.completion_tokens), true],
  ["thinking", (line) => number(line.thinking_tokens), true], ["Cost", (line) => dollars(line.cost), true],
  ["Unpriced", (line) => number(line.unpriced_requests), true],
];

/** What the store answers, or why it does not: the rest of the view is shown all the same. */
async function ofStore(path) {
  try {
    return await ask(path);
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

function usageTable(lines, text) {
  const told = busiest(lines, (line) => [line.key, line.model], text, (line) => Number(line.cost));
  return table(titled("Usage this month", told),
    [["Key", (line) => line.key], ["Model", (line) => line.model || "–"], ...counts], told.rows);
}

export function usage(main) {
  main.append(view("usage"));
  const filters = main.querySelector(".filters");
  filters.addEventListener("input", () => draw());
  filters.addEventListener("submit", (event) => event.preventDefault());
  let news = null;

  /** Shows rows, or why there are none. */
  function fill(name, told, rows, absence, drawn) {
    const shown = told instanceof Refused ? make("p", { class: "error" }, `The store does not answer: ${told.message}.`)
      : rows?.length ? drawn(rows) : make("p", { class: "empty" }, absence);
    renew(main.querySelector(name), shown);
  }

  function draw() {
    if (!news) return;
    const { keys, today, byKey, byModel, traffic } = news, text = filters.elements.text.value.trim().toLowerCase();
    fill(".keys", keys, keys?.keys,
      keys ? "The store has no keys yet." : "There is no store: keys stand in the configuration.",
      (rows) => keyTable(rows, today?.lines ?? [], byKey?.lines ?? [], text));
    fill(".usage", byModel, byModel?.lines,
      byModel ? "Nothing was used this month." : "There is no store: usage is not kept.",
      (rows) => usageTable(rows, text));
    renew(main.querySelector(".recent"), table("The last 15 minutes", [
      ["Key", (row) => row.name || "(none)"], ["Requests", (row) => number(row.requests), true],
      ["Errors", (row) => number(row.errors), true], ["Tokens in", (row) => number(row.input_tokens), true],
      ["Tokens out", (row) => number(row.output_tokens), true],
    ], traffic.by_client));
  }

  async function show() {
    const { day, month } = periods();
    const [keys, today, byKey, byModel, traffic] = await Promise.all([
      ofStore("/admin/keys"), ofStore(`/admin/usage?by=key&since=${day}`),
      ofStore(`/admin/usage?by=key&since=${month}`), ofStore(`/admin/usage?by=key,model&since=${month}`),
      ask("/admin/traffic?seconds=900"),
    ]);
    news = { keys, today, byKey, byModel, traffic };
    draw();
  }
  return { show, every: 5000 };
}
