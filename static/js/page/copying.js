// Copy a whole digest, and say so in a few words.
import { element, icon } from "../drawn.js";

const STAYS_MS = 2500;

async function copy(words) {
  if (navigator.clipboard) return navigator.clipboard.writeText(words);
  const field = element("textarea", { class: "unseen" });
  field.value = words;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("this browser does not let a page copy");
}

function say(words) {
  document.querySelector(".toast")?.remove();
  const toast = element("p", { class: "toast", role: "status" }, icon("check"), element("span", {}, words));
  document.body.append(toast);
  setTimeout(() => toast.remove(), STAYS_MS);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  try {
    await copy(button.dataset.copy);
    button.setAttribute("data-done", "");
    setTimeout(() => button.removeAttribute("data-done"), STAYS_MS);
    say(`Copied ${button.dataset.copy.slice(0, 15)}…`);
  } catch {
    prompt("Copy this:", button.dataset.copy);
  }
});
