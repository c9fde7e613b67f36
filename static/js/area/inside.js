// Which features a map holds, each in its box, and which of them lie in another box as a whole.
import { corners, keysOf } from "../desk/extent.js";

const STEP = 1e4; // four decimals: 11 m

/** Return the box around boxes. */
export function union(all) {
  const edge = (at, pick) => all.reduce((most, box) => pick(most, box[at]), all[0][at]);
  return [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
}

/** Return a box with short numbers that holds all that the exact one holds, and a little more. */
export function outward([west, south, east, north]) {
  const [down, up] = [(edge) => (Math.floor(edge * STEP) - 1) / STEP, (edge) => (Math.ceil(edge * STEP) + 1) / STEP];
  return [Math.max(-180, down(west)), Math.max(-90, down(south)), Math.min(180, up(east)), Math.min(90, up(north))];
}

/** Return the box of every feature by its key: of this edition, and of what is gone since the one before. */
export function boxes(style) {
  const here = held(style.sources.after);
  return new Map([...held(style.sources.before), ...here]);
}

/** Return the keys of the features that lie in a box as a whole. */
export function inside(known, [west, south, east, north]) {
  const within = ([, box]) => west <= box[0] && south <= box[1] && box[2] <= east && box[3] <= north;
  return new Set([...known].filter(within).map(([key]) => key));
}

function held(source) {
  const found = new Map();
  for (const { properties, geometry } of source?.data?.features ?? []) {
    const box = union([...corners(geometry.coordinates)].map(([x, y]) => [x, y, x, y]));
    for (const key of keysOf(properties)) found.set(key, found.has(key) ? union([found.get(key), box]) : box);
  }
  return found;
}
