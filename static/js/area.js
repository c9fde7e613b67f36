// Begin the map of an exception's area: what failed, the box around it, and what lies in that box.
import { Edges } from "./area/edges.js";
import { Frame } from "./area/frame.js";
import { boxes, inside, outward, union } from "./area/inside.js";
import { deed } from "./deeds.js";
import { element, shape } from "./drawn.js";
import { Chart } from "./desk/chart.js";
import { read } from "./desk/evidence.js";
import { Drawn, around } from "./desk/extent.js";
import { isTiled } from "./desk/tiles.js";
import { failed as cannot, reading } from "./desk/told.js";
import { checkCanDraw } from "./desk/webgl.js";

const MARKS_AT_MOST = 200;
const NAMED = 3;
const DRAWING = "Drag a box on the map, or write its four numbers below. Escape ends it.";
const CLOSE = { maxZoom: 11, padding: 48 };
const place = document.getElementById("map");
const said = document.querySelector("[data-area-said]");

async function begin(edges) {
  place.dataset.state = "reading";
  reading(place, "Reading the map…");
  try {
    const [style, maplibre] = await Promise.all([read(place.dataset.style, "The map"), import(place.dataset.maplibre)]);
    const known = boxes(style);
    if (isTiled(style) || !known.size) return without("This edition is too large for an area, or has no features: name the features instead.");
    const wrong = place.dataset.failed.split("\n").filter((key) => known.has(key));
    const say = tell({ edges, known, wrong });
    checkCanDraw();
    await draw({ edges, known, wrong, style, maplibre, say });
    document.querySelector(".area .map-tools").hidden = false;
    place.dataset.state = "ready";
  } catch (cause) {
    place.dataset.state = "failed";
    cannot(place, { strong: "The map cannot be drawn.", cause: `${cause.message} The four numbers below do the same.`, again: () => begin(edges) });
  }
}

/** Take the map away, and say why there is none. */
function without(words) {
  place.dataset.state = "failed";
  place.closest(".panel").hidden = true;
  said.textContent = words;
}

async function draw({ edges, known, wrong, style, maplibre, say }) {
  const drawn = new Drawn(style);
  const all = wrong.length ? outward(union(wrong.map((key) => known.get(key)))) : null;
  const seen = drawn.bounds([]) ?? around([...known.values()].flatMap(sides));
  const whole = all ? around([...seen, ...sides(all)]) : seen;
  const own = element("div", { class: "chart", "data-side": "after" });
  place.replaceChildren(own);
  const about = { base: place.dataset.basemap, alone: place.dataset.diffState !== "compared" };
  const chart = new Chart({ place: own, maplibre, style, drawn, about, bounds: whole });
  chart.map.cooperativeGestures.enable(); // the page scrolls on over it
  for (const key of wrong.slice(0, MARKS_AT_MOST)) {
    const [west, south, east, north] = known.get(key);
    const mark = element("span", { class: "failed-here" }, shape("FAIL"));
    new maplibre.Marker({ element: mark }).setLngLat([(west + east) / 2, (south + north) / 2]).addTo(chart.map);
  }
  const turned = (on) => (on ? (said.textContent = DRAWING) : say());
  const frame = new Frame({ place, map: chart.map, edges, turned });
  const show = (box) => chart.fit(sides(box), CLOSE);
  tools({ chart, edges, frame, whole, show, all });
  document.addEventListener("kfm:theme", () => chart.redress());
  await chart.ready();
  if (edges.box) show(edges.box);
}

/** Return the south-west and the north-east corner of a box. */
function sides(box) {
  return [box.slice(0, 2), box.slice(2)];
}

function tools({ chart, edges, frame, whole, show, all }) {
  deed("zoom-in", () => chart.map.zoomIn());
  deed("zoom-out", () => chart.map.zoomOut());
  deed("fit", () => chart.fit(whole));
  deed("draw", () => frame.toggle());
  deed("clear", () => {
    frame.stop();
    edges.clear();
  });
  deed("around", () => {
    frame.stop();
    edges.set(all);
    show(all);
  });
  document.querySelector('[data-do="around"]').hidden = !all;
}

/** Say now, and at every change, how many features lie in the box, and whether what failed does. */
function tell({ edges, known, wrong }) {
  const first = said.textContent;
  const say = () => {
    const { box, isEmpty } = edges;
    if (!box) said.textContent = isEmpty ? first : "Four numbers make an area: west before east, south below north.";
    else said.textContent = found({ within: inside(known, box), wrong });
  };
  edges.addEventListener("change", say);
  say();
  return say;
}

function found({ within, wrong }) {
  const left = wrong.filter((key) => !within.has(key));
  const count = `${within.size.toLocaleString("en")} ${within.size === 1 ? "feature lies" : "features lie"} in it as a whole`;
  if (!left.length) return `${count}; all that failed and has a place lies in it.`;
  const named = left.slice(0, NAMED).join(", ") + (left.length > NAMED ? ` and ${left.length - NAMED} more` : "");
  return `${count}. Of what failed ${named} ${left.length === 1 ? "lies" : "lie"} outside: governance will not be asked until it covers them.`;
}

if (place) begin(new Edges(["west", "south", "east", "north"].map((name) => document.getElementById(name))));
