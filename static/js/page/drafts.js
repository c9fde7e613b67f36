// Keep what was begun in a sheet until it is sent, so that a reload does not lose a reason.
import { forget, keep, read } from "../kept.js";

const SESSION = { session: true };

function name(field) {
  return `draft ${location.pathname} ${field.id}`;
}

for (const field of document.querySelectorAll("dialog textarea")) {
  if (!field.value) field.value = read(name(field), SESSION) ?? "";
  field.addEventListener("input", () => keep(name(field), field.value, SESSION));
  field.form.addEventListener("submit", () => forget(name(field), SESSION));
}
