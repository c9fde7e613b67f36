// Open and close confirm sheets and the help; Ctrl or Cmd with Enter commits the open one, once.
import { deed } from "../deeds.js";

export function open(id) {
  const sheet = document.getElementById(id);
  if (!sheet || sheet.open) return;
  sheet.showModal();
  sheet.querySelector("textarea, input:not([type=hidden], [type=checkbox])")?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener && !opener.disabled) open(opener.dataset.opens);
  if (event.target instanceof HTMLDialogElement && outside(event)) event.target.close();
});

function outside(event) {
  const box = event.target.getBoundingClientRect();
  const across = event.clientX < box.left || event.clientX > box.right;
  return event.detail > 0 && (across || event.clientY < box.top || event.clientY > box.bottom);
}

deed("close", (button) => button.closest("dialog").close());

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const commit = document.querySelector("dialog[open] [data-commit]");
  if (!commit || commit.disabled) return;
  event.preventDefault();
  commit.form.requestSubmit(commit);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

const refused = document.querySelector("dialog[data-open]");
if (refused) open(refused.id);
