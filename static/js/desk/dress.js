// Dress the run's own style in the theme: its layers in its order, with marks for its circles.
import * as paper from "./paper.js";

const LONG_PX = 34; // a move that is shorter on the screen is drawn as one mark
const TILE = 512;
const BEND = 0.16;
const STEPS = 24;
const FAINT = 0.32;
const EMPTY = { type: "geojson", data: { type: "FeatureCollection", features: [] } };
const MERCATOR = (lat) => (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
const DEGREES = (y) => (360 / Math.PI) * Math.atan(Math.exp((y * Math.PI) / 180)) - 90;

/** Return a move as the map draws it: a bent line, the turn of its mark and of its tip, and its length. */
function move([from, to], bend) {
  const [x0, y0, x1, y1] = [from[0], MERCATOR(from[1]), to[0], MERCATOR(to[1])];
  const [dx, dy] = [x1 - x0, y1 - y0];
  const [cx, cy] = [(x0 + x1) / 2 + dy * bend, (y0 + y1) / 2 - dx * bend];
  const at = (t) => [(1 - t) ** 2 * x0 + 2 * t * (1 - t) * cx + t ** 2 * x1, (1 - t) ** 2 * y0 + 2 * t * (1 - t) * cy + t ** 2 * y1];
  const coordinates = Array.from({ length: STEPS + 1 }, (_, step) => at(step / STEPS)).map(([x, y]) => [x, DEGREES(y)]);
  const turn = (x, y) => (Math.atan2(-y, x) * 180) / Math.PI;
  return { coordinates, turn: turn(dx, dy), tip: turn(x1 - cx, y1 - cy), reach: (Math.hypot(dx, dy) * TILE) / 360 };
}

/** Return the style's sources with what marks need: bent lines, turns, and ids to find features by. */
function sources(style) {
  const made = {};
  const moves = new Map();
  for (const name of ["moves", "lines"]) {
    for (const feature of style.sources[name]?.data.features ?? []) {
      moves.set(feature.properties.key, move(feature.geometry.coordinates, name === "moves" ? BEND : 0.05));
    }
  }
  for (const [name, source] of Object.entries(style.sources)) {
    const drawn = source.data.features.map((feature) => {
      const { coordinates, ...about } = moves.get(feature.properties.key) ?? {};
      const bent = feature.geometry.type === "LineString" && coordinates;
      return {
        ...feature,
        geometry: bent ? { type: "LineString", coordinates } : feature.geometry,
        properties: { ...feature.properties, ...about },
      };
    });
    made[name] = { type: "geojson", data: { type: "FeatureCollection", features: drawn } };
  }
  return made;
}

function both(filter, more) {
  return filter ? ["all", filter, more] : more;
}

function icon(layer, name, image, { kind, filter = layer.filter, turn = 0, opacity = 1 }) {
  return {
    id: name,
    type: "symbol",
    source: layer.source,
    filter,
    metadata: { ...layer.metadata, "kfm:kind": kind, "kfm:opacity": opacity },
    layout: {
      "icon-image": image,
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "icon-rotate": turn,
      "icon-rotation-alignment": "map",
      "icon-size": matchMedia("(pointer: coarse)").matches ? 1.1 : 1,
    },
    paint: { "icon-opacity": opacity },
  };
}

function dot(layer, name, { kind, filter = layer.filter, radius, colour, hollow = "", opacity = 1 }) {
  return {
    id: name,
    type: "circle",
    source: layer.source,
    filter,
    metadata: { ...layer.metadata, "kfm:kind": kind, "kfm:opacity": opacity },
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, radius, 11, radius * 1.8],
      "circle-color": hollow || colour,
      "circle-opacity": opacity,
      "circle-stroke-color": colour,
      "circle-stroke-opacity": opacity,
      "circle-stroke-width": hollow ? 1.2 : 0,
    },
  };
}

function stroke(layer, name, { kind, colour, width, dash, opacity }) {
  const made = { ...layer, id: name, metadata: { ...layer.metadata, "kfm:kind": kind, "kfm:opacity": opacity } };
  made.layout = { "line-cap": "butt", "line-join": "round" };
  made.paint = { "line-color": colour, "line-width": width, "line-opacity": opacity };
  if (dash) made.paint["line-dasharray"] = dash;
  return made;
}

/** Draw many lines that go the same way as a faint bundle, with one of them to be picked out. */
function bundle(layer, ink) {
  const one = { ...layer, filter: ["==", ["get", "key"], ""] };
  return [
    stroke(layer, layer.id, { kind: "as_read", colour: ink["diff-moved"], width: 1.2, opacity: 0.09 }),
    stroke(one, "single-line", { kind: "as_read", colour: ink["diff-moved"], width: 2, dash: [3, 1.8], opacity: 1 }),
  ];
}

const LONG = (layer) => ({ ...layer.metadata, "kfm:long": true });

/** Return what one layer of the run's style is drawn as; a kind that is not known stays as it came. */
function dressed(layer, ink, { alone }) {
  const kind = layer.metadata?.["kfm:kind"];
  const precise = ["==", ["get", "decimals_only"], true];
  switch (`${layer.type} ${kind} ${layer.metadata?.["kfm:side"]}`) {
    case "circle same before":
    case "circle same after":
      return [
        alone
          ? dot(layer, layer.id, { kind, radius: 3, colour: ink["map-city"], hollow: ink["map-land"] })
          : dot(layer, layer.id, { kind, radius: 2.2, colour: ink["map-quiet"], hollow: ink["map-land"] }),
      ];
    case "circle changed both":
      return [
        dot(layer, `${layer.id}-precision`, { kind: "precision", filter: both(layer.filter, precise), radius: 1.9, colour: ink["diff-changed"], opacity: 0.72 }),
        icon(layer, layer.id, "changed", { kind, filter: both(layer.filter, ["!", precise]) }),
      ];
    case "circle removed before":
      return [icon(layer, layer.id, "removed", { kind })];
    case "circle added after":
      return [icon(layer, layer.id, "added", { kind })];
    case "circle moved before":
      return [{ ...dot(layer, layer.id, { kind, radius: 3.6, colour: ink["diff-moved"], hollow: ink["map-halo"] }), metadata: { ...LONG(layer), "kfm:opacity": 1 } }];
    case "circle moved after":
      return [
        icon(layer, layer.id, "moved", { kind, turn: ["get", "turn"] }),
        { ...icon(layer, `${layer.id}-tip`, "tip", { kind, turn: ["get", "tip"] }), metadata: { ...LONG(layer), "kfm:opacity": 1 } },
      ];
    case "line moved both":
      if (layer.source !== "moves") return bundle(layer, ink);
      return [
        stroke(layer, `${layer.id}-halo`, { kind, colour: ink["map-halo"], width: 4.4, opacity: 0.85 }),
        stroke(layer, layer.id, { kind, colour: ink["diff-moved"], width: 1.8, dash: [3, 1.8], opacity: 1 }),
      ];
    case "circle as_read before":
      return [icon(layer, layer.id, "as-read", { kind })];
    case "circle belongs after":
      return [icon(layer, layer.id, "belongs", { kind })];
    default:
      return [layer];
  }
}

function ring(id, ink, width, radius) {
  const paint = { "circle-radius": radius, "circle-color": "transparent", "circle-stroke-color": ink.text, "circle-stroke-width": width };
  return { id, type: "circle", source: id, paint };
}

/** Return the whole style of one map: paper, the tint of the older side, what the run drew, and rings. */
export function dress(style, ink, { base, alone, world }) {
  const drawn = style.layers.flatMap((layer) => dressed(layer, ink, { alone }));
  const tint = { id: "tint", type: "background", layout: { visibility: "none" }, paint: { "background-color": ink["map-before"] } };
  return {
    version: 8,
    sources: { ...paper.sources(base, { world }), ...sources(style), hovered: EMPTY, chosen: EMPTY },
    layers: [...paper.layers(ink, { world }), tint, ...drawn, ring("hovered", ink, 1, 9), ring("chosen", ink, 1.8, 11)],
  };
}

const OPACITY = {
  symbol: ["icon-opacity"],
  circle: ["circle-opacity", "circle-stroke-opacity"],
  line: ["line-opacity"],
};

function isOther(side, kind, of) {
  if (side === "both") return kind === "same" && of === "before" ? "hidden" : "";
  if (of === "both" || of === side) return "";
  return kind === "same" ? "hidden" : "faint";
}

/** Show one side of the comparison: kinds that are off are hidden, what is of the other side is faint. */
export function show(map, { side, hidden, paper: shown }) {
  for (const layer of map.getStyle().layers) {
    const about = layer.metadata ?? {};
    if (layer.id.startsWith("paper-") && layer.type !== "background") visible(map, layer.id, shown);
    if (layer.id === "tint") visible(map, layer.id, side === "before");
    if (!about["kfm:kind"]) continue;
    const other = isOther(side, about["kfm:kind"], about["kfm:side"]);
    visible(map, layer.id, other !== "hidden" && !hidden.has(about["kfm:kind"]));
    const opacity = (about["kfm:opacity"] ?? 1) * (other === "faint" ? FAINT : 1);
    for (const name of OPACITY[layer.type]) map.setPaintProperty(layer.id, name, opacity);
  }
}

/** Draw moves that are long on this screen as a line with a tip, the others as one mark. */
export function lengths(map, side) {
  const least = LONG_PX / 2 ** map.getZoom();
  const long = [">=", ["get", "reach"], least];
  const moved = ["==", ["get", "kind"], "moved"];
  for (const id of ["moved-line", "moved-line-halo", "moved-point-tip"]) if (map.getLayer(id)) map.setFilter(id, both(moved, long));
  if (map.getLayer("moved-from")) map.setFilter("moved-from", side === "before" ? moved : both(moved, long));
  if (map.getLayer("moved-point-tip")) map.setFilter("moved-point", both(moved, ["!", long]));
}

function visible(map, id, on) {
  map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
}
