// Everything that can be chosen: the changes, the points of a refused input, and what stayed the same.
import { inputs, kindOf, places, unchanged } from "./evidence.js";

export class Features {
  #style = null;
  #byKey = new Map();

  /** All that one can go through with the keys, in its order. */
  entries = [];

  takeChanges(changes) {
    this.#take(changes);
  }

  takeStyle(style) {
    this.#style = style;
    if (!this.entries.length) this.#take(inputs(style));
  }

  of(key) {
    return key ? (this.#byKey.get(key) ?? unchanged(this.#style, key)) : undefined;
  }

  /** Say where a feature stands among those that are shown. */
  position(key, hidden) {
    const shown = this.shown(hidden);
    const index = shown.findIndex((entry) => entry.key === key);
    return index < 0 ? "" : `${index + 1} of ${shown.length.toLocaleString("en")}`;
  }

  shown(hidden) {
    return this.entries.filter((entry) => !hidden.has(kindOf(entry)));
  }

  /** Return the feature before or after the chosen one, among those that are shown. */
  beside(key, by, hidden) {
    const shown = this.shown(hidden);
    const now = shown.findIndex((entry) => entry.key === key);
    return now < 0 ? shown.at(by < 0 ? -1 : 0) : shown[now + by];
  }

  /** Return the places a first look must hold: what changed, or else everything. */
  get extent() {
    const telling = this.entries.filter((entry) => kindOf(entry) !== "precision");
    const found = (telling.length ? telling : this.entries).flatMap(places);
    return found.length ? found : this.#all();
  }

  #all() {
    const points = ["after", "before"].flatMap((name) => this.#style?.sources[name]?.data.features ?? []);
    return points.map((feature) => feature.geometry.coordinates);
  }

  #take(entries) {
    this.entries = entries;
    this.#byKey = new Map(entries.map((entry) => [entry.key, entry]));
  }
}
