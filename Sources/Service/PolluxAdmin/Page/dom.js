// Elements from values. Names come from outside: they are set as text, never as markup.

/** `make("td", { class: "n" }, "12")` */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The contents of a view's template. */
export function view(name) {
  return document.getElementById(`view-${name}`).content.cloneNode(true);
}

export function tiles(list, rows) {
  list.replaceChildren(...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

/** A name that anybody may have given: what turns the direction of writing, or is not seen, is made visible. */
export function plain(name) {
  return name?.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

/** A cell; what is too long for it is told whole where somebody points at it. */
export function cell(contents, attributes = {}) {
  const shown = typeof contents === "string" ? plain(contents) : contents;
  return make("td", { title: typeof shown === "string" && shown.length > 24 ? shown : null, ...attributes }, shown);
}

/** A table: columns are `[title, row => text, isNumber]`. What is too wide can be moved by the keyboard, too. */
export function table(title, columns, rows) {
  const head = columns.map(([name, , number]) => make("th", { class: number ? "n" : null }, name));
  const body = rows.map((row) =>
    make("tr", {}, ...columns.map(([name, text, number]) =>
      cell(text(row), { class: number ? "n" : null, "data-name": name }))));
  const whole = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
    make("table", { class: "named" }, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body)));
  return make("div", { class: "card" }, make("h2", {}, title), whole);
}

/** Shows tables in a place. Those that are there get other rows and stay as they are scrolled, and focused. */
export function renew(place, ...tables) {
  const known = [...place.children];
  if (known.length !== tables.length) return place.replaceChildren(...tables);
  tables.forEach((table, index) => {
    const [old, rows] = [known[index], table].map((one) => one.querySelector("tbody"));
    if (!old || !rows) return known[index].replaceWith(table);
    known[index].querySelector("h2").replaceWith(table.querySelector("h2"));
    old.replaceWith(rows);
  });
}

export function number(value) {
  if (value === undefined || value === null) return "–";
  if (value >= 1e6) return `${short(value / 1e6)} M`;
  if (value >= 1e4) return `${short(value / 1e3)} k`;
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}

/** With one digit behind the point, unless that is 0. */
function short(value) {
  return value.toFixed(1).replace(/\.0$/, "");
}

export function milliseconds(value) {
  if (value === undefined || value === null) return "–";
  return value >= 10000 ? `${(value / 1000).toFixed(1)} s` : `${number(value)} ms`;
}

export function span(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}
