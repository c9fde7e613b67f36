// Draw Kansas and its neighbours beside the sign-in form, from the base map of the house.
import { svg } from "../drawn.js";

const [PARALLEL_SOUTH, PARALLEL_NORTH, MIDDLE, ORIGIN] = [37, 40, -98.4, 38.5].map((degree) => (degree * Math.PI) / 180);
const CONE = (Math.sin(PARALLEL_SOUTH) + Math.sin(PARALLEL_NORTH)) / 2;
const BASE = Math.cos(PARALLEL_SOUTH) ** 2 + 2 * CONE * Math.sin(PARALLEL_SOUTH);
const SCALE = 9000;
const VIEW = { x: -430, y: -390, width: 860, height: 780 };
const DOTS = 180;

function radius(latitude) {
  return (SCALE * Math.sqrt(BASE - 2 * CONE * Math.sin(latitude))) / CONE;
}

/** Project degrees on Albers' cone, which keeps areas. */
function project([lon, lat]) {
  const turn = CONE * ((lon * Math.PI) / 180 - MIDDLE);
  const away = radius((lat * Math.PI) / 180);
  return [away * Math.sin(turn), away * Math.cos(turn) - radius(ORIGIN)].map((number) => Math.round(number * 10) / 10);
}

function near([x, y]) {
  return Math.abs(x) < VIEW.width && Math.abs(y) < VIEW.height;
}

function outline(features) {
  const rings = features.flatMap((feature) => feature.geometry.coordinates.flat());
  const drawn = rings.map((ring) => ring.map(project)).filter((ring) => ring.some(near));
  return drawn.map((ring) => `M${ring.map(([x, y]) => `${x} ${y}`).join("L")}Z`).join("");
}

async function layer(base, name) {
  const answer = await fetch(`${base}${name}.json`);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return (await answer.json()).features;
}

export async function draw(place) {
  const layers = ["states", "counties", "places"].map((name) => layer(place.dataset.basemap, name));
  const [states, counties, places] = await Promise.all(layers).catch(() => [[], [], []]);
  const kansas = (features) => features.filter((feature) => feature.properties.kansas);
  const others = (features) => features.filter((feature) => !feature.properties.kansas);
  const path = (name, features) => svg("path", { class: name, d: outline(features) });
  const dots = places.slice(0, DOTS).map((town) => {
    const [x, y] = project(town.geometry.coordinates);
    return svg("circle", { class: "town", cx: x, cy: y, r: 2.2 });
  });
  const view = `${VIEW.x} ${VIEW.y} ${VIEW.width} ${VIEW.height}`;
  place.replaceChildren(
    svg(
      "svg",
      { class: "plate", viewBox: view, preserveAspectRatio: "xMidYMid slice" },
      path("near", others(counties)),
      path("land", kansas(states)),
      path("county", kansas(counties)),
      path("state", others(states)),
      path("rim", kansas(states)),
      path("edge", kansas(states)),
      ...dots,
    ),
  );
}
