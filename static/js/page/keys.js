// Single keys, from the data-key and data-keys of what is on the page; no single key ever commits.
import { deed } from "../deeds.js";
import { keep, read } from "../kept.js";
import { open } from "./sheets.js";

const WITHIN_MS = 1200;
let on = read("single-keys") !== "off";
let first = "";
let since = 0;

const box = document.querySelector('[data-do="single-keys"]');
if (box) box.checked = on;

deed("single-keys", (checkbox) => {
  on = checkbox.checked;
  keep("single-keys", on ? "on" : "off");
});

function typing(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

/** Return the button of a key: one that is seen before one that a phone hides. */
function button(key) {
  const able = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter((one) => !one.disabled);
  return able.find((one) => one.checkVisibility()) ?? able[0];
}

function sequence(key) {
  const both = performance.now() - since < WITHIN_MS ? `${first} ${key}` : "";
  [first, since] = [key, performance.now()];
  return both && document.querySelector(`[data-keys="${CSS.escape(both)}"]`);
}

function search() {
  const field = document.querySelector("[data-search]");
  if (field) field.focus();
  else location.assign(`${document.querySelector('[data-keys="g q"]')?.href ?? "/"}#search`);
}

document.addEventListener("keydown", (event) => {
  const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat);
  if (!on || !plain || typing(event.target) || document.querySelector("dialog[open]")) return;
  const target = sequence(event.key);
  const pressed = button(event.key);
  if (target) target.click();
  else if (event.key === "?") open("help");
  else if (event.key === "/") search();
  else if (pressed) pressed.click();
  else return;
  event.preventDefault();
});

if (location.hash === "#search") search();
