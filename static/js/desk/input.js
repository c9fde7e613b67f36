// What only the map of a refused input has: ways to look at where its points went and where they belong.
import { deed } from "../deeds.js";
import { around } from "./extent.js";

const CLOSE = { maxZoom: 8, padding: 60 };

export function begin({ main, features, style, bounds }) {
  const placed = {
    as_read: features.entries.map((entry) => entry.place),
    belongs: features.entries.map((entry) => entry.belongs).filter(Boolean),
  };
  deed("look", ({ dataset: { at } }) => {
    const places = placed[at] ?? [];
    if (places.length) main.fit(around(places), CLOSE);
    else main.fit(bounds);
  });
  for (const button of document.querySelectorAll("[data-if-any]")) button.hidden = !placed.belongs.length;
  say(style);
}

function say(style) {
  const told = style.metadata ?? {};
  const words = document.querySelector("[data-input-said]");
  const [read, lost] = [told["kfm:read"] ?? 0, told["kfm:not_drawn"] ?? 0];
  if (!words || !read) return;
  const what = "as_read_shapes" in style.sources ? "features" : "points";
  const count = (number) => number.toLocaleString("en");
  if (told["kfm:swapped"]) words.textContent = `${count(read)} ${what}, each with its axes exchanged; beyond a pole they stand at the map's edge.`;
  else if (lost) words.textContent = `${count(read - lost)} of ${count(read)} ${what} are drawn; ${count(lost)} have no place on Earth.`;
}
