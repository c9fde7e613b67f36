// The legend is the filter: each kind is switched on and off on the map and in the list at once.
import { deed } from "../deeds.js";

export function legend({ row, desk, counts }) {
  const buttons = [...row.querySelectorAll('[data-do="filter"]')];
  for (const button of buttons) {
    const count = button.querySelector("[data-count]");
    if (count) count.textContent = (counts[button.dataset.kind] ?? 0).toLocaleString("en");
  }
  deed("filter", (button) => desk.toggle(button.dataset.kind));
  desk.on("filter", () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(!desk.hidden.has(button.dataset.kind)));
  });
}
