// Begin the desk: read what the run left behind, and put map, legend, list and card around it.
import { deed } from "./deeds.js";
import { asked } from "./desk/address.js";
import { Card } from "./desk/card.js";
import { Desk } from "./desk/desk.js";
import { kindOf, read } from "./desk/evidence.js";
import { Features } from "./desk/features.js";
import { legend } from "./desk/legend.js";
import { List } from "./desk/list.js";
import * as map from "./desk/map.js";
import { failed, reading } from "./desk/told.js";

const place = document.getElementById("map");
const section = document.getElementById("changes");

function counts(entries) {
  const found = {};
  for (const entry of entries) found[kindOf(entry)] = (found[kindOf(entry)] ?? 0) + 1;
  return { ...found, belongs: entries.filter((entry) => entry.belongs).length };
}

function begin() {
  const desk = new Desk();
  const features = new Features();
  const { before, after, diffState } = place.dataset;
  const sides = { before, after, alone: diffState !== "compared" };
  desk.hide(asked().hidden);

  new Card({
    section: document.getElementById("feature"),
    desk,
    sides,
    entryOf: (key) => features.of(key),
    position: (key) => features.position(key, desk.hidden),
  });
  const step = async (by) => {
    const entry = await features.beside(desk.chosen, by, desk.hidden);
    if (entry) desk.choose(entry.key, "key");
  };
  deed("next", () => step(1));
  deed("previous", () => step(-1));

  const changes = list({ desk, features });
  map.begin({ place, desk, features, sides, changes }).then(() => {
    if (!place.dataset.changes) fill({ desk, features });
    legend({ row: document.querySelector(".legend-row"), desk, counts: counts(features.entries) });
    desk.hide(desk.hidden);
    if (desk.chosen === "" && !desk.waits && features.entries[0]?.finding) desk.choose(features.entries[0].key, "map");
  });
}

/** Read the changes and list them; a list that cannot be read says why, and is never an empty one. */
async function list({ desk, features }) {
  if (!place.dataset.changes) return;
  const told = section.querySelector("[data-list-told]");
  const said = [...told.childNodes];
  reading(told, "Reading the list of changes…");
  try {
    features.takeChanges(await read(place.dataset.changes, "The list of changes"), place.dataset.changes);
    if (features.pages) desk.finder = features;
    told.replaceChildren(...said);
    fill({ desk, features });
  } catch (cause) {
    failed(told, { strong: "Not listed.", cause: cause.message, again: () => location.reload() });
  }
}

function fill({ desk, features }) {
  if (!section.querySelector("[data-list]")) return;
  new List({ section, features, desk });
}

if (place) begin();
