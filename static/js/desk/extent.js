// Where things are: boxes around shapes, and the shapes and marks that belong to a key.
import { places } from "./evidence.js";

const MARGIN = 0.01;
const [NORTH, SOUTH] = [85, -85];

/** Return the smallest box around places, never without any width. */
export function around(all) {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of all) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return [
    [west - MARGIN, Math.max(SOUTH, south - MARGIN)],
    [east + MARGIN, Math.min(NORTH, north + MARGIN)],
  ];
}

/** Yield every corner of a shape, however deep its coordinates are nested. */
export function* corners(coordinates) {
  if (typeof coordinates[0] === "number") yield coordinates;
  else for (const part of coordinates) yield* corners(part);
}

/** Return the keys a feature stands for: its own, or those of all rows at its place. */
export function keysOf({ key, keys }) {
  return keys ? keys.split("\n") : [key];
}

/** What the style itself holds of each key: its shapes on both sides, and its mark. */
export class Drawn {
  #after = new Map();
  #before = new Map();
  #marks = new Map();

  constructor(style) {
    this.style = style;
    this.shaped = Boolean(style.metadata?.["kfm:shapes"]) || "as_read_shapes" in style.sources;
    this.#take(this.#after, "after", "belongs_shapes");
    this.#take(this.#before, "before", "as_read_shapes");
    this.#take(this.#marks, "changes");
  }

  /** Return the shape of a key on one side, or else on the other; nothing for points. */
  shape(key, side) {
    if (!this.shaped) return null;
    const [first, second] = side === "before" ? [this.#before, this.#after] : [this.#after, this.#before];
    const found = first.get(key) ?? second.get(key);
    return found && found.geometry.type !== "Point" ? found.geometry : null;
  }

  /** Return every place of an entry: of a shape its mark alone, or else the middle of its box. */
  places(entry) {
    const shape = this.shape(entry.key, "after");
    if (!shape || entry.kind === "as_read") return places(entry);
    const mark = this.#marks.get(entry.key);
    if (mark) return [mark.geometry.coordinates];
    const [[west, south], [east, north]] = around(corners(shape.coordinates));
    return [[(west + east) / 2, (south + north) / 2]];
  }

  /** Return what must be in view for an entry to be seen. */
  reach(entry) {
    const shapes = [this.shape(entry.key, "after"), this.shape(entry.key, "before")].filter(Boolean);
    if (!shapes.length || entry.kind === "as_read") return this.places(entry);
    const [[west, south], [east, north]] = around(shapes.flatMap((shape) => [...corners(shape.coordinates)]));
    return [[west, south], [east, north]];
  }

  /** Return the box a first look must hold: what changed, or else everything. */
  bounds(known) {
    const box = this.style.metadata?.["kfm:bounds"];
    const read = ["as_read_shapes", "belongs_shapes"].flatMap((name) => this.#features(name));
    if (read.length) return around([...known, ...read.flatMap((one) => [...corners(one.geometry.coordinates)])]);
    const told = [...this.#features("after"), ...this.#features("before")];
    const changed = this.shaped ? told.filter(({ properties }) => properties.kind !== "same" && !properties.decimals_only) : [];
    if (this.style.metadata?.["kfm:cells"]) return around([box.slice(0, 2), box.slice(2)]);
    if (changed.length) return around(changed.flatMap((one) => [...corners(one.geometry.coordinates)]));
    if (this.shaped || !known.length) return box ? around([box.slice(0, 2), box.slice(2)]) : known.length ? around(known) : null;
    return around(known);
  }

  #features(source) {
    return this.style.sources[source]?.data?.features ?? [];
  }

  #take(map, ...sources) {
    for (const feature of sources.flatMap((source) => this.#features(source))) {
      for (const key of keysOf(feature.properties)) map.set(key, feature);
    }
  }
}
