// Dress the run's own style in the theme: its layers in its order, over the paper, below rings and names.
import { sources } from "./bend.js";
import * as paper from "./paper.js";
import { area, both, dot, icon, picture, stroke } from "./pieces.js";

const LONG_PX = 34; // a move that is shorter on the screen is drawn as one mark
const [FAINT, DIMMED] = [0.32, 0.5];
const OLD = [2.4, 1.6];
const MANY = 60; // so many marks hide the shapes that they stand on
const EMPTY = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
const PRECISE = ["==", ["get", "decimals_only"], true];
const LONG = { "kfm:long": true };

/** Draw what changed and what changed in decimals only, which is a kind of its own. */
function told(layer, make, loud, quiet) {
  return [
    make(layer, `${layer.id}-precision`, { kind: "precision", filter: both(layer.filter, PRECISE), ...quiet }),
    make(layer, layer.id, { kind: "changed", filter: both(layer.filter, ["!", PRECISE]), ...loud }),
  ];
}

/** Draw many lines that go the same way as a faint bundle, with one of them to be picked out. */
function bundle(layer, ink) {
  const one = { ...layer, filter: ["==", ["get", "key"], ""] };
  return [
    stroke(layer, layer.id, { kind: "as_read", colour: ink["diff-moved"], width: 1.2, opacity: 0.09 }),
    stroke(one, "single-line", { kind: "as_read", colour: ink["diff-moved"], width: 2, dash: [3, 1.8], opacity: 1 }),
  ];
}

function ramp(ink) {
  const steps = [0, 1, 2, 3, 4].flatMap((step) => [step, ink[`ramp-${step}`]]);
  return ["match", ["get", "step"], ...steps, ink["map-land"]];
}

/** How each kind of layer is drawn; `look` says what else the map holds. */
const MARKS = {
  same: (layer, ink, { alone }) => [
    alone
      ? dot(layer, layer.id, { kind: "same", radius: 3, colour: ink["map-city"], hollow: ink["map-land"] })
      : dot(layer, layer.id, { kind: "same", radius: 2.2, colour: ink["map-quiet"], hollow: ink["map-land"] }),
  ],
  changed: (layer, ink, { size, crowded }) => [
    dot(layer, `${layer.id}-precision`, { kind: "precision", filter: both(layer.filter, PRECISE), radius: 1.9, colour: ink["diff-changed"], opacity: 0.72 }),
    icon(layer, layer.id, "changed", { kind: "changed", filter: both(layer.filter, ["!", PRECISE]), size, crowded }),
  ],
  removed: (layer) => [icon(layer, layer.id, "removed", { kind: "removed" })],
  added: (layer) => [icon(layer, layer.id, "added", { kind: "added" })],
  moved: (layer, ink) =>
    layer.metadata["kfm:side"] === "before"
      ? [dot(layer, layer.id, { kind: "moved", radius: 3.6, colour: ink["diff-moved"], hollow: ink["map-halo"], more: LONG })]
      : [icon(layer, layer.id, "moved", { kind: "moved", turn: ["coalesce", ["get", "turn"], 0] }), icon(layer, `${layer.id}-tip`, "tip", { kind: "moved", turn: ["coalesce", ["get", "tip"], 0], more: LONG })],
  as_read: (layer, ink, { size }) => [icon(layer, layer.id, "as-read", { kind: "as_read", size })],
  belongs: (layer, ink, { size }) => [icon(layer, layer.id, "belongs", { kind: "belongs", size })],
};

const LINES = {
  same: (layer, ink, { alone, areas, shaded }) => {
    if (shaded) return [stroke(layer, layer.id, { kind: "same", colour: ink["map-halo"], width: 0.7, opacity: 0.75 })];
    const colour = ink[alone ? "map-city" : "map-quiet"];
    return [stroke(layer, layer.id, { kind: "same", colour, width: areas ? 0.9 : 1.5, opacity: alone && areas ? 0.6 : 0.8 })];
  },
  changed: (layer, ink, { areas }) => {
    const old = layer.metadata["kfm:side"] === "before";
    const colour = ink["diff-changed"];
    const dash = old ? OLD : undefined;
    const width = (old ? 2.6 : 1.3) * (areas ? 1 : 1.2);
    return told(layer, stroke, { colour, width, dash, opacity: old ? 0.45 : 1 }, { colour, width: old ? 1.4 : 0.9, dash, opacity: 0.6 });
  },
  removed: (layer, ink) => [
    stroke(layer, `${layer.id}-halo`, { kind: "removed", colour: ink["map-halo"], width: 4, opacity: 0.8 }),
    stroke(layer, layer.id, { kind: "removed", colour: ink["diff-removed"], width: 2, dash: OLD }),
  ],
  added: (layer, ink) => [
    stroke(layer, `${layer.id}-halo`, { kind: "added", colour: ink["map-halo"], width: 4, opacity: 0.8 }),
    stroke(layer, layer.id, { kind: "added", colour: ink["diff-added"], width: 2 }),
  ],
  moved: (layer, ink) =>
    layer.source === "moves"
      ? [
          stroke(layer, `${layer.id}-halo`, { kind: "moved", colour: ink["map-halo"], width: 4.4, opacity: 0.85 }),
          stroke(layer, layer.id, { kind: "moved", colour: ink["diff-moved"], width: 1.8, dash: [3, 1.8] }),
        ]
      : bundle(layer, ink),
  as_read: (layer, ink) => [stroke(layer, layer.id, { kind: "as_read", colour: ink.fail, width: 1.2, opacity: 0.8 })],
  belongs: (layer, ink) => [stroke(layer, layer.id, { kind: "belongs", colour: ink["diff-added"], width: 1.2 })],
};

// Insides can be clicked even where a shade below them is not to be covered.
const AREAS = {
  same: (layer, ink, { alone }) => [area(layer, layer.id, { kind: "same", colour: ink["map-quiet"], opacity: alone ? 0.07 : 0.02 })],
  changed: (layer, ink, { shaded }) => told(layer, area, { colour: ink["diff-changed"], opacity: shaded ? 0 : 0.14 }, { colour: ink["diff-changed"], opacity: shaded ? 0 : 0.05 }),
  removed: (layer, ink, { shaded }) => [area(layer, layer.id, { kind: "removed", pattern: "hatch-removed", opacity: shaded ? 0.8 : 0.55 })],
  added: (layer, ink, { shaded }) => [area(layer, layer.id, { kind: "added", colour: ink["diff-added"], opacity: shaded ? 0 : 0.24 })],
  shade: (layer, ink) => [area(layer, layer.id, { kind: "shade", colour: ramp(ink), opacity: 0.92 })],
};

const PICTURES = {
  same: (layer, ink, { alone }) => [picture(layer, layer.id, { kind: "same", opacity: alone ? 0.95 : 0.9 })],
  difference: (layer) => [picture(layer, layer.id, { kind: "difference", opacity: 0.95 })],
};

const FORMS = { circle: MARKS, line: LINES, fill: AREAS, raster: PICTURES };

/** Return what one layer of the run's style is drawn as; a kind that is not known stays as it came. */
function dressed(layer, ink, look) {
  const draw = FORMS[layer.type]?.[layer.metadata?.["kfm:kind"]];
  return draw ? draw(layer, ink, look) : [layer];
}

function ring(id, ink, width, radius) {
  const paint = { "circle-radius": radius, "circle-color": "transparent", "circle-stroke-color": ink.text, "circle-stroke-width": width };
  return { id, type: "circle", source: id, paint };
}

function rim(id, ink, width) {
  const line = (name, colour, wide) => ({ id: name, type: "line", source: id, layout: { "line-join": "round" }, paint: { "line-color": colour, "line-width": wide } });
  return [line(`${id}-halo`, ink["map-halo"], width + 2.6), line(id, ink.text, width)];
}

/** Return the whole style of one map: paper, the tint of the older side, what the run drew, and rings. */
export function dress(style, ink, { base, alone, world }) {
  const has = (type) => style.layers.some((layer) => layer.type === type);
  const about = style.metadata ?? {};
  const shaped = Boolean(about["kfm:shapes"]) || "as_read_shapes" in style.sources;
  const marked = (style.sources.changes ?? style.sources.as_read)?.data?.features.length ?? 0;
  const many = (shaped || has("raster")) && !about["kfm:swapped"] && marked > MANY;
  const look = { alone, areas: has("fill"), shaded: Boolean(about["kfm:ramp"]), size: many ? 0.62 : 1, crowded: many && has("raster") };
  const drawn = style.layers.flatMap((layer) => dressed(layer, ink, look));
  const tint = { id: "tint", type: "background", layout: { visibility: "none" }, paint: { "background-color": ink["map-before"] } };
  const covers = has("raster") || shaped;
  const [under, edges, names] = paper.split(paper.layers(ink, { world }), { covers, cells: has("raster") });
  const ground = drawn.filter((layer) => layer.type === "fill" || layer.type === "raster");
  const marks = drawn.filter((layer) => !ground.includes(layer));
  return {
    version: 8,
    sources: { ...paper.sources(base, { world }), ...sources(style), hovered: EMPTY, chosen: EMPTY, "hovered-shape": EMPTY, "chosen-shape": EMPTY },
    layers: [...under, tint, ...ground, ...edges, ...marks.filter(isLine), ...names, ...rim("hovered-shape", ink, 1.2), ...rim("chosen-shape", ink, 2.2), ...marks.filter((layer) => !isLine(layer)), ring("hovered", ink, 1, 9), ring("chosen", ink, 1.8, 11)],
  };
}

function isLine(layer) {
  return layer.type === "line";
}

const OPACITY = {
  symbol: ["icon-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  line: ["line-opacity"],
  fill: ["fill-opacity"],
  raster: ["raster-opacity"],
};

/** Say how a layer stands where one side is shown: as it is, faint, dimmed, or not at all. */
function standing(about, side) {
  const [kind, of] = [about["kfm:kind"], about["kfm:side"]];
  if (side === "both") return about["kfm:alone"] || (kind === "same" && of === "before") ? "hidden" : "";
  if (about["kfm:whole"]) return "hidden"; // of both sides at once
  if (of === "both" || of === side) return "";
  return kind === "same" || about["kfm:pair"] || about["kfm:alone"] ? "hidden" : "faint";
}

/** Show one side of the comparison: kinds that are off are hidden, what is of the other side is faint. */
export function show(map, { side, hidden, paper: shown }) {
  const layers = map.getStyle().layers;
  const differs = layers.some((layer) => layer.metadata?.["kfm:kind"] === "difference") && !hidden.has("difference");
  for (const layer of layers) {
    const about = layer.metadata ?? {};
    if (layer.id.startsWith("paper-") && layer.type !== "background") visible(map, layer.id, shown);
    if (layer.id === "tint") visible(map, layer.id, side === "before");
    if (!about["kfm:kind"]) continue;
    const stands = standing(about, side);
    visible(map, layer.id, stands !== "hidden" && !hidden.has(about["kfm:kind"]));
    const dimmed = layer.type === "raster" && about["kfm:kind"] === "same" && side === "both" && differs;
    const opacity = (about["kfm:opacity"] ?? 1) * (stands === "faint" ? FAINT : 1) * (dimmed ? DIMMED : 1);
    for (const name of OPACITY[layer.type]) map.setPaintProperty(layer.id, name, opacity);
  }
}

/** Draw moves that are long on this screen as a line with a tip, the others as one mark. */
export function lengths(map, side) {
  const least = LONG_PX / 2 ** map.getZoom();
  const long = [">=", ["coalesce", ["get", "reach"], 0], least];
  const moved = ["==", ["get", "kind"], "moved"];
  for (const id of ["moved-line", "moved-line-halo", "moved-point-tip"]) if (map.getLayer(id)) map.setFilter(id, both(moved, long));
  if (map.getLayer("moved-from")) map.setFilter("moved-from", side === "before" ? moved : both(moved, long));
  if (map.getLayer("moved-point-tip")) map.setFilter("moved-point", both(moved, ["!", long]));
}

function visible(map, id, on) {
  map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
}
