// Tiles of a run: a style names them by their role, the page knows their address, PMTiles reads parts of them.
const ROLE = /^kfm:(.+)$/;
let reading = null;

/** Return the style with addresses for roles; sources that this page has no tiles for go, with their layers. */
export function addressed(style, place) {
  const sources = {};
  for (const [name, source] of Object.entries(style.sources)) {
    const role = ROLE.exec(source.url ?? "")?.[1];
    const found = role && place.getAttribute(`data-${role}`);
    if (!role) sources[name] = source;
    else if (found) sources[name] = { ...source, url: `pmtiles://${new URL(found, location.href).href}` };
  }
  return { ...style, sources, layers: style.layers.filter((layer) => layer.source in sources) };
}

export function isTiled(style) {
  return Object.values(style.sources).some((source) => source.url);
}

/** Teach MapLibre to read PMTiles, once. */
export function protocol({ maplibre, address }) {
  reading ??= script(address).then(() => {
    const tiles = new globalThis.pmtiles.Protocol();
    maplibre.addProtocol("pmtiles", tiles.tile);
  });
  return reading;
}

function script(address) {
  return new Promise((resolve, reject) => {
    const made = document.createElement("script");
    made.src = address;
    made.addEventListener("load", resolve);
    made.addEventListener("error", () => reject(new Error("The reader of map tiles cannot be fetched: the server does not answer.")));
    document.head.append(made);
  });
}
