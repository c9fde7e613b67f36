// Put the map in its place: read the style, draw it, and tie it to legend, list, card, keys and address.
import { deed } from "../deeds.js";
import { element } from "../drawn.js";
import { asked, write } from "./address.js";
import { Callout } from "./callout.js";
import { Chart } from "./chart.js";
import { Compare } from "./compare.js";
import { read } from "./evidence.js";
import { Drawn, around } from "./extent.js";
import { histogram } from "./histogram.js";
import { begin as beginInput } from "./input.js";
import { pick } from "./pick.js";
import { scale } from "./scale.js";
import { addressed, isTiled, protocol } from "./tiles.js";
import { failed, reading } from "./told.js";
import { checkCanDraw } from "./webgl.js";

const KANSAS = [
  [-102.05, 36.99],
  [-94.59, 40.0],
];
const SOURCES = "Lines: US Census Bureau · Places: GeoNames, CC BY 4.0";
const WORLD_TOO = "Land: Natural Earth · ";

/** Draw the map; where it cannot be drawn, say why and offer to try again. */
export async function begin({ place, desk, features, sides, changes }) {
  place.dataset.state = "reading";
  reading(place, `Reading the map of ${sides.after}…`);
  try {
    const parts = [read(place.dataset.style, "The map"), import(place.dataset.maplibre), changes];
    const [told, maplibre] = await Promise.all(parts);
    checkCanDraw();
    const style = addressed(told, place);
    if (isTiled(style)) await protocol({ maplibre, address: place.dataset.pmtiles });
    features.takeStyle(style);
    scale({ style, row: document.querySelector(".legend-row") });
    await draw({ place, desk, features, sides, style, maplibre });
    if (style.metadata?.["kfm:cells"] && place.dataset.changes) await figures({ place, desk });
    place.dataset.state = "ready";
  } catch (cause) {
    place.dataset.state = "failed";
    const again = () => begin({ place, desk, features, sides, changes });
    failed(place, { strong: "The map cannot be drawn.", cause: cause.message, again });
  }
}

/** Say of a raster how far its cells went, as long as no region is chosen. */
async function figures({ place, desk }) {
  const section = document.getElementById("feature");
  const { histogram: told } = await read(place.dataset.changes, "The list of changes");
  const [title, card] = [section.querySelector("[data-title]"), section.querySelector("[data-card]")];
  if (told && !desk.chosen) histogram({ card, title, told });
}

async function draw({ place, desk, features, sides, style, maplibre }) {
  const address = asked();
  const world = style.metadata?.["kfm:role"] === "input-preview";
  const about = { base: place.dataset.basemap, alone: sides.alone, world };
  const drawn = new Drawn(style);
  const bounds = drawn.bounds(features.extent) ?? around(KANSAS);
  const chart = (side, camera) => {
    const own = element("div", { class: "chart", "data-side": side });
    place.prepend(own);
    return new Chart({ place: own, maplibre, style, drawn, about, bounds, camera });
  };
  place.replaceChildren(element("p", { class: "sources" }, `${world ? WORLD_TOO : ""}${SOURCES}`));
  const main = chart("after", address.camera);
  const charts = [main];
  const entryOf = (key) => features.of(key);
  const older = () => {
    const made = chart("before", { center: main.map.getCenter(), zoom: main.map.getZoom() });
    charts.push(made);
    pick({ chart: made, desk, entryOf });
    made.ring("chosen", entryOf(desk.chosen));
    return made;
  };
  const compare = new Compare({ place, desk, main, other: older, sides });

  main.map.addControl(new maplibre.ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
  pick({ chart: main, desk, entryOf });
  new Callout({ chart: main, maplibre, desk, entryOf });
  tie({ place, desk, main, charts, bounds, compare, entryOf });
  if (world) beginInput({ main, features, style, bounds });
  await main.ready();
  follow({ desk, main, address, compare });
}

function tie({ place, desk, main, charts, bounds, compare, entryOf }) {
  deed("zoom-in", () => main.map.zoomIn());
  deed("zoom-out", () => main.map.zoomOut());
  deed("fit", () => main.fit(bounds));
  deed("basemap", (button) => {
    place.dataset.paper = place.dataset.paper === "off" ? "on" : "off";
    button.setAttribute("aria-pressed", String(place.dataset.paper === "on"));
    compare.apply();
  });
  document.addEventListener("kfm:theme", () => charts.forEach((chart) => chart.redress()));
  desk.on("hover", () => charts.forEach((chart) => chart.ring("hovered", entryOf(desk.hovered))));
  desk.on("choice", (by) => {
    const entry = entryOf(desk.chosen);
    for (const chart of charts) {
      chart.ring("chosen", entry);
      chart.single(desk.chosen);
    }
    if (entry && by !== "map") main.reveal(entry, { near: by === "closer" });
  });
}

/** Take up what the address asks for, and write every later view into it. */
function follow({ desk, main, address, compare }) {
  compare.apply();
  const say = () => write({ desk, map: main.map });
  deed("mode", ({ dataset: { mode } }) => desk.compare(mode === desk.mode && !compare.byHand ? "diff" : mode));
  if (address.mode !== "diff") desk.compare(address.mode);
  if (address.camera) main.map.jumpTo(address.camera);
  if (address.feature) desk.choose(address.feature, address.camera ? "map" : "address");
  desk.on("choice filter mode", say);
  main.map.on("moveend", say);
  addEventListener("hashchange", () => {
    const now = asked();
    desk.hide(now.hidden);
    if (now.mode !== desk.mode) desk.compare(now.mode);
    if (now.camera) main.map.jumpTo(now.camera);
    if (now.feature !== desk.chosen) desk.choose(now.feature, "address");
  });
}
