// Bend the lines of what moved, and say of each feature which way its mark turns.
const TILE = 512;
const BEND = 0.16;
const STEPS = 24;
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

/** Return the style's sources with what marks need: bent lines and turns; tiles stay as they are. */
export function sources(style) {
  const made = {};
  const moves = new Map();
  for (const name of ["moves", "lines"]) {
    for (const feature of style.sources[name]?.data?.features ?? []) {
      moves.set(feature.properties.key, move(feature.geometry.coordinates, name === "moves" ? BEND : 0.05));
    }
  }
  for (const [name, source] of Object.entries(style.sources)) {
    if (!source.data) {
      made[name] = source;
      continue;
    }
    const drawn = source.data.features.map((feature) => {
      const { coordinates, ...about } = moves.get(feature.properties.key) ?? {};
      const bent = feature.properties.kind === "moved" && feature.geometry.type === "LineString" && coordinates;
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
