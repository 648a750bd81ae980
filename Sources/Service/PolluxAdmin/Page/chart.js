// Lines over time, as SVG.

import { make, number, plain } from "./dom.js";

const width = 600, height = 150, left = 44, bottom = 18, top = 8;

function svg(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** 1, 2 or 5 times a power of ten, at least `value`. */
function round(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

/**
 * @param title what is shown
 * @param times Unix seconds
 * @param series `[{ name, values }]`; a value that is missing interrupts the line
 */
export function chart(title, times, series, unit = "") {
  const most = round(Math.max(0, ...series.flatMap((one) => one.values.filter((value) => value !== undefined))));
  const x = (index) => left + (index * (width - left - 4)) / Math.max(1, times.length - 1);
  const y = (value) => top + (1 - value / most) * (height - top - bottom);
  const name = (one) => (one.name.length > 40 ? `${plain(one.name).slice(0, 39)}…` : plain(one.name));
  const last = (one) => `${name(one)} ${number(one.values.at(-1))}${one.values.at(-1) === undefined ? "" : unit}`;
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${title}: ${series.map(last).join(", ")}`,
  });
  for (const part of [0, 0.5, 1]) {
    picture.append(svg("line", { class: "axis", x1: left, x2: width, y1: y(part * most), y2: y(part * most) }));
    picture.append(svg("text", { x: left - 6, y: y(part * most) + 4, "text-anchor": "end" }, number(part * most)));
  }
  const clock = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 5);
  if (times.length > 1) {
    picture.append(svg("text", { x: left, y: height - 4 }, clock(times[0])));
    picture.append(svg("text", { x: width, y: height - 4, "text-anchor": "end" }, clock(times.at(-1))));
  }
  series.forEach((one, place) => {
    let path = "", isDrawing = false;
    one.values.forEach((value, index) => {
      if (value === undefined) { isDrawing = false; return; }
      path += `${isDrawing ? "L" : "M"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      if (!isDrawing && one.values[index + 1] === undefined) {
        picture.append(svg("circle", { class: `s${place + 1}`, cx: x(index), cy: y(value), r: 2.5 }));
      }
      isDrawing = true;
    });
    picture.append(svg("path", { class: `line s${place + 1}`, d: path }));
  });
  const keys = series.map((one, place) => make("span", { class: `key s${place + 1}` }, last(one)));
  return make("figure", { class: "chart card" }, make("figcaption", {}, make("b", {}, title), ...keys), picture);
}
