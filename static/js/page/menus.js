// Open and close what a phone hides: the menu, the filters, the decision.
import { deed } from "../deeds.js";

function toggle(button) {
  const part = document.getElementById(button.getAttribute("aria-controls"));
  if (!part) return;
  const open = part.toggleAttribute("data-open");
  for (const other of document.querySelectorAll(`[aria-controls="${part.id}"][aria-expanded]`)) {
    other.setAttribute("aria-expanded", String(open));
  }
}

for (const name of ["menu", "filters", "sheet"]) deed(name, toggle);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const button = document.querySelector('[data-do][aria-expanded="true"]');
  if (!button) return;
  toggle(button);
  button.focus();
});
