// The map's paper: state and county lines, names of places, and a net of degrees where the world is shown.
const FONT = ["-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "Arial"];
const NEIGHBOURS = [
  ["NEBRASKA", -98.9, 40.33, 0],
  ["OKLAHOMA", -98.3, 36.7, 0],
  ["COLORADO", -102.5, 38.5, -90],
  ["MISSOURI", -94.12, 38.4, 90],
];
const [STEP, EDGE] = [15, 85];
const OURS = ["==", ["get", "kansas"], true];
const THEIRS = ["!=", ["get", "kansas"], true];
const LARGE_FIRST = ["get", "rank"];

function collection(features) {
  return { type: "geojson", data: { type: "FeatureCollection", features } };
}

function point(coordinates, properties) {
  return { type: "Feature", properties, geometry: { type: "Point", coordinates } };
}

function line(coordinates, properties) {
  return { type: "Feature", properties, geometry: { type: "LineString", coordinates } };
}

/** Return the lines of whole degrees with their names. */
function net() {
  const drawn = [];
  for (let lon = -180; lon <= 180; lon += STEP) drawn.push(line([[lon, -EDGE], [lon, EDGE]], { firm: lon === 0 }));
  for (let lat = -75; lat <= 75; lat += STEP) {
    const named = lat === 0 ? "Equator" : `${Math.abs(lat)}° ${lat < 0 ? "S" : "N"}`;
    drawn.push(line([[-180, lat], [180, lat]], { firm: lat === 0 }), point([-40, lat], { name: named }));
  }
  return [...drawn, point([-40, -EDGE + 1], { name: "South Pole" })];
}

export function sources(base, { world }) {
  const file = (name) => ({ type: "geojson", data: new URL(`${base}${name}.json`, location.href).href });
  const neighbours = NEIGHBOURS.map(([name, lon, lat, turn]) => point([lon, lat], { name, turn }));
  return {
    "paper-states": file("states"),
    "paper-counties": file("counties"),
    "paper-places": file("places"),
    "paper-neighbours": collection(neighbours),
    ...(world ? { "paper-world": file("land"), "paper-net": collection(net()) } : {}),
  };
}

function stroke(id, source, filter, colour, width, more = {}) {
  const layout = { "line-join": "round", "line-cap": "butt" };
  const paint = { "line-color": colour, "line-width": width, ...more };
  return { id: `paper-${id}`, type: "line", source: `paper-${source}`, filter, layout, paint };
}

function text(id, source, layout, paint, more = {}) {
  return {
    id: `paper-${id}`,
    type: "symbol",
    source: `paper-${source}`,
    layout: { "text-font": FONT, "text-field": ["get", "name"], ...layout },
    paint,
    ...more,
  };
}

function degrees(ink) {
  const shown = { "text-size": 11, "text-offset": [0, -0.6] };
  return [
    { id: "paper-world", type: "fill", source: "paper-world", paint: { "fill-color": ink["map-land"], "fill-opacity": 0.75 } },
    stroke("coast", "world", ["all"], ink["map-county"], 0.8),
    stroke("net", "net", ["!=", ["get", "firm"], true], ink["map-near"], 1),
    stroke("net-firm", "net", ["==", ["get", "firm"], true], ink["map-county"], 1.2),
    text("net-name", "net", shown, { "text-color": ink["map-label"], "text-halo-color": ink["map-outside"], "text-halo-width": 2 }, {
      filter: ["has", "name"],
    }),
  ];
}

const NAMES = ["paper-county", "paper-neighbours", "paper-places"];
const EDGES = ["paper-states", "paper-edge"];

/** Part the paper: what lies under the run's areas, its edges above them, and names; where nothing covers it, all lies under. */
export function split(all, { covers, cells }) {
  const edges = !covers ? [] : cells ? [...EDGES, "paper-counties"] : EDGES;
  const names = covers ? NAMES : [];
  const under = all.filter(({ id }) => !edges.includes(id) && !names.includes(id));
  return [under, all.filter(({ id }) => edges.includes(id)), all.filter(({ id }) => names.includes(id))];
}

/** Return the layers that lie under everything that changed. */
export function layers(ink, { world }) {
  const halo = { "text-halo-color": ink["map-land"], "text-halo-width": 1.6 };
  const named = { "text-size": 11, "text-letter-spacing": 0.32, "text-rotate": ["get", "turn"], "text-padding": 8 };
  const town = {
    "text-size": ["interpolate", ["linear"], ["zoom"], 6, 11, 10, 13],
    "text-variable-anchor-offset": ["left", [0.45, 0], "right", [-0.45, 0], "top", [0, 0.4], "bottom", [0, -0.4]],
    "text-justify": "auto",
    "text-padding": 2, // a wider one would push the words away from their dot
    "icon-image": "town",
    "icon-padding": 0,
    "symbol-sort-key": LARGE_FIRST,
  };
  const county = { "text-size": 10, "text-letter-spacing": 0.12, "text-padding": 20, "text-max-width": 6 };
  const rank = ["step", ["zoom"], 22, 6.9, 45, 7.8, 110, 8.8, 999];
  return [
    { id: "paper-ground", type: "background", paint: { "background-color": ink["map-outside"] } },
    ...(world ? degrees(ink) : []),
    { id: "paper-land", type: "fill", source: "paper-states", filter: OURS, paint: { "fill-color": ink["map-land"], "fill-antialias": false } },
    stroke("near", "counties", THEIRS, ink["map-near"], 0.7),
    stroke("counties", "counties", OURS, ink["map-county"], ["interpolate", ["linear"], ["zoom"], 5, 0.7, 9, 1.2]),
    stroke("states", "states", THEIRS, ink["map-state"], 0.9, { "line-dasharray": [6, 2, 1.5, 2] }),
    stroke("rim", "states", OURS, ink["map-rim"], 6),
    stroke("edge", "states", OURS, ink["map-edge"], 1.4),
    text("county", "counties", county, { "text-color": ink["map-label"], ...halo }, { minzoom: 8.4, filter: OURS }),
    text("neighbours", "neighbours", named, { "text-color": ink["map-label"] }, { minzoom: 4.6 }),
    text("places", "places", town, { "text-color": ink["map-city"], ...halo }, { minzoom: 4.8, filter: ["<=", LARGE_FIRST, rank] }),
  ];
}
