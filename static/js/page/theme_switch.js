// Switch between light and dark, and tell those who draw by themselves.
import { deed } from "../deeds.js";
import { keep } from "../kept.js";

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function tell() {
  document.dispatchEvent(new CustomEvent("kfm:theme"));
}

deed("theme", () => {
  const now = root.dataset.theme ?? (system.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  keep("theme", root.dataset.theme);
  tell();
});

system.addEventListener("change", tell);
