// Go through items with j and k, and open a row wherever it is clicked.
import { read } from "../kept.js";

const items = [...document.querySelectorAll("[data-item]")];

function link(item) {
  return item.matches("a") ? item : item.querySelector("a");
}

function chosen() {
  return items.findIndex((item) => item.matches("[data-chosen], [aria-current]"));
}

function choose(index) {
  const item = items[index];
  if (!item) return;
  if (item.matches("a")) return location.assign(item.href);
  for (const other of items) other.toggleAttribute("data-chosen", other === item);
  item.scrollIntoView({ block: "nearest" });
  link(item).focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  const busy = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog");
  if (!step || busy || event.ctrlKey || event.metaKey || event.altKey) return;
  if (read("single-keys") === "off" || document.querySelector("dialog[open]")) return;
  const now = chosen();
  choose(now < 0 ? 0 : now + step);
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-item]");
  if (!row || event.target.closest("a, button, input") || getSelection().toString()) return;
  link(row).click();
});

document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest" });
