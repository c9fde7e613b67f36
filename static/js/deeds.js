// What a button does, by the name in its data-do; one listener serves the whole page.
const deeds = new Map();

export function deed(name, act) {
  deeds.set(name, act);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-do]");
  if (target && !target.disabled) deeds.get(target.dataset.do)?.(target, event);
});
