// One map: MapLibre over our own paper, with the marks of the run and rings around what is chosen.
import { dress, lengths, show } from "./dress.js";
import { around, keysOf } from "./extent.js";
import { inks } from "./inks.js";
import { mark } from "./marks.js";

const RATIO = Math.max(2, Math.ceil(devicePixelRatio));
const [NEAR_PX, THUMB_PX] = [5, 16];
const LEAST_PX = 40; // a map that is hidden for a moment keeps its size
const WORLD = { minZoom: -1, transformConstrain: (center, zoom) => ({ center, zoom }) }; // beyond the poles is seen too
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Chart {
  #filters = { side: "both", hidden: new Set(), paper: true };
  #dressed = null;
  #rings = { chosen: null, hovered: null };

  /** `drawn` knows the places and shapes that the style holds. */
  constructor({ place, maplibre, style, drawn, about, bounds, camera }) {
    Object.assign(this, { place, style, drawn, about });
    this.#dressed = inks();
    this.map = new maplibre.Map({
      container: place,
      style: dress(style, this.#dressed, about),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      renderWorldCopies: false,
      fadeDuration: 0,
      trackResize: false,
      maxZoom: 17,
      ...(about.world ? WORLD : {}),
      ...(camera ?? { bounds, fitBoundsOptions: { padding: 36, maxZoom: 10 } }),
    });
    new ResizeObserver(([{ contentRect }]) => contentRect.width > LEAST_PX && this.map.resize()).observe(place);
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.setMissingStyleImageResolver((name) => this.#draw(name));
    this.map.on("style.load", () => this.#settle());
    this.map.on("zoomend", () => lengths(this.map, this.#filters.side));
  }

  /** Return once everything is drawn; refuse with the cause if it cannot be. */
  ready() {
    return new Promise((resolve, reject) => {
      this.map.once("idle", resolve);
      this.map.on("error", ({ error }) => reject(error));
    });
  }

  look(filters) {
    this.#filters = { ...this.#filters, ...filters };
    if (this.map.isStyleLoaded() || this.map.getLayer("tint")) this.#settle();
  }

  ring(name, entry) {
    this.#rings[name] = entry ?? null;
    this.#settleRings();
  }

  /** Draw the chosen one's own line above the bundle. */
  single(key) {
    if (this.map.getLayer("single-line")) this.map.setFilter("single-line", ["==", ["get", "key"], key]);
  }

  redress() {
    this.#dressed = inks();
    this.map.setStyle(dress(this.style, this.#dressed, this.about), { diff: false });
  }

  /** Return the keys of what lies there: marks within a few pixels, the areas under the pointer, then lines. */
  keysAt({ x, y }) {
    const near = matchMedia("(pointer: coarse)").matches ? THUMB_PX : NEAR_PX;
    const layers = this.map.getStyle().layers.filter((layer) => layer.metadata?.["kfm:kind"]);
    const box = [
      [x - near, y - near],
      [x + near, y + near],
    ];
    const of = (...types) => ({ layers: layers.filter(({ type }) => types.includes(type)).map(({ id }) => id) });
    const found = [
      ...this.map.queryRenderedFeatures(box, of("symbol", "circle")),
      ...this.map.queryRenderedFeatures([x, y], of("fill")),
      ...this.map.queryRenderedFeatures(box, of("line")),
    ];
    const name = this.style.metadata?.["kfm:key"] ?? "key"; // tiles of an edition have its own columns
    return [...new Set(found.flatMap(({ properties }) => keysOf(properties.key === undefined ? { key: String(properties[name]) } : properties)))];
  }

  fit(bounds, { maxZoom = 10, padding = 36 } = {}) {
    this.map.fitBounds(bounds, { padding, maxZoom, duration: still.matches ? 0 : 350 });
  }

  /** Bring an entry into view, without moving when it is there. */
  reveal(entry, { near = false } = {}) {
    const at = this.drawn.reach(entry);
    const inside = this.map.getBounds();
    if (near || at.length === 0) return at.length && this.fit(around(at), { maxZoom: 13, padding: 90 });
    const seen = at.filter((place) => inside.contains(place)).length;
    if (seen === at.length || (entry.kind === "as_read" && seen)) return null;
    return this.fit(around(at), { maxZoom: Math.max(this.map.getZoom(), 7), padding: 70 });
  }

  #draw(name) {
    const image = mark(name, this.#dressed, RATIO);
    if (image && !this.map.hasImage(name)) this.map.addImage(name, image, { pixelRatio: RATIO });
  }

  #settle() {
    show(this.map, this.#filters);
    lengths(this.map, this.#filters.side);
    this.#settleRings();
  }

  #settleRings() {
    for (const [name, entry] of Object.entries(this.#rings)) {
      const at = entry ? this.drawn.places(entry) : [];
      this.#hold(name, at.map((coordinates) => ({ type: "Point", coordinates })));
      const shape = entry && this.drawn.shape(entry.key, this.place.dataset.side);
      this.#hold(`${name}-shape`, shape ? [shape] : []);
    }
  }

  #hold(source, geometries) {
    const features = geometries.map((geometry) => ({ type: "Feature", properties: {}, geometry }));
    this.map.getSource(source)?.setData({ type: "FeatureCollection", features });
  }
}
