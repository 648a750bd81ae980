// The frame: one view at a time, chosen by the part of the address behind #.

import { Locked, Refused, ask, hasToken, keepToken } from "./api.js";
import { backends } from "./backends.js";
import { view } from "./dom.js";
import { live } from "./live.js";
import { playground } from "./playground.js";
import { requests } from "./requests.js";
import { usage } from "./usage.js";

const views = { live, requests, usage, backends, playground };
const main = document.getElementById("main"), state = document.getElementById("state");
let current = null, timer = 0;

/** Whether somebody marks text of the view, to copy it: it would be gone with the news. */
function isMarking() {
  const marked = getSelection();
  return !marked.isCollapsed && main.contains(marked.anchorNode);
}

/** Shows the current view's news, and again after its time. */
async function refresh(shown) {
  if (shown !== current) return;
  clearTimeout(timer);
  try {
    const isHeld = shown.every && isMarking();
    if (!isHeld) await shown.show?.();
    state.textContent = isHeld ? "Held while text is marked." : "";
  } catch (error) {
    if (shown !== current) return;  // What the news would have filled is gone.
    if (error instanceof Locked) return door(hasToken() ? "This is not the token." : "");
    state.textContent = error instanceof Refused ? error.message : "No answer; trying again.";
  }
  if (shown !== current || !shown.every) return;
  clearTimeout(timer);  // Somebody may have asked in between.
  timer = setTimeout(() => refresh(shown),
    document.hidden ? 10000 : shown.every);
}

/** The view that the address names; `null` where it names none. */
function named() {
  const name = location.hash.slice(1);
  return Object.hasOwn(views, name) ? name : null;
}

function open() {
  const name = named() ?? "live";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${name[0].toUpperCase()}${name.slice(1)} – Pollux`;
  clearTimeout(timer);
  current?.close?.();
  main.replaceChildren();
  current = views[name](main, () => refresh(current));
  refresh(current);
}

/** Asks for the token. */
function door(message) {
  clearTimeout(timer);
  current = null;
  keepToken(null);
  main.replaceChildren(view("door"));
  const form = main.querySelector("form");
  form.querySelector(".error").textContent = message;
  form.elements.token.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keepToken(form.elements.token.value);
    begin();
  });
}

async function begin() {
  try {
    const { version } = await ask("/admin/status");
    document.getElementById("version").textContent = version;
    open();
  } catch (error) {
    if (error instanceof Locked) return door(hasToken() ? "This is not the token." : "");
    state.textContent = "No answer; trying again.";
    setTimeout(begin, 2000);
  }
}

// The way to the contents is an address, too, and leads to no other view.
addEventListener("hashchange", () => { if (current && (named() || !location.hash)) open(); });
// 1 to 5 choose a view, unless somebody writes.
addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const name = Object.keys(views)[Number(event.key) - 1];
  if (name) location.hash = name;
});
begin();
