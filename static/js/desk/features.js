// Everything that can be chosen: the changes, the points of a refused input, and what stayed the same.
import { inputs, kindOf, places, unchanged } from "./evidence.js";
import { Pages } from "./pages.js";

const KEPT = 20_000; // so many that were read are known without asking again

export class Features extends EventTarget {
  #style = null;
  #byKey = new Map();
  #same = new Set();
  #turn = 0;

  /** All that one can go through with the keys, in its order; of a list in pages, the page that is shown. */
  entries = [];
  /** Of a list in pages: the pages, and which of the shown entries the page begins with. */
  pages = null;
  from = 0;

  /** Take up the list of changes as it was read from `address`; a long one holds its first page only. */
  takeChanges(told, address) {
    this.pages = told.pages ? new Pages({ told, address }) : null;
    this.#take(told.changes);
  }

  takeStyle(style) {
    this.#style = style;
    if (!this.entries.length && !this.pages) this.#take(inputs(style));
  }

  /** Return a feature as an entry; of a list in pages one that was not read yet is told by its key alone. */
  of(key) {
    if (!key) return undefined;
    return this.#byKey.get(key) ?? unchanged(this.#style, key) ?? (this.pages ? this.#unread(key) : undefined);
  }

  #unread(key) {
    return { kind: this.#same.has(key) ? "same" : "unread", key, title: key, columns: [], same: {} };
  }

  /** Say whether all is known about a feature. */
  has(key) {
    return !key || !this.pages || this.#byKey.has(key) || this.#same.has(key);
  }

  /** Read what a list in pages says about a feature, and turn to its page if its kind is shown. */
  async find(key, hidden) {
    const place = await this.pages.place(key);
    if (place < 0) return this.#same.add(key);
    this.#byKey.set(key, await this.pages.at(place));
    const rank = this.pages.rank(place, hidden);
    if (rank >= 0) await this.turnTo(rank, hidden);
    return this;
  }

  /** Show the page that holds the entry numbered `rank` of those that are shown. */
  async turnTo(rank, hidden) {
    this.#turn += 1;
    const mine = this.#turn;
    const from = Math.floor(Math.max(0, rank) / this.pages.size) * this.pages.size;
    const entries = await this.pages.entries(from, hidden);
    if (mine !== this.#turn) return; // somebody turned on meanwhile
    this.from = from;
    this.#take(entries);
    this.dispatchEvent(new CustomEvent("page"));
  }

  /** Return how many are shown. */
  count(hidden) {
    return this.pages ? this.pages.shown(hidden) : this.shown(hidden).length;
  }

  /** Say where a feature stands among those that are shown. */
  position(key, hidden) {
    const index = this.shown(hidden).findIndex((entry) => entry.key === key);
    const number = (this.pages ? this.from : 0) + index + 1;
    return index < 0 ? "" : `${number.toLocaleString("en")} of ${this.count(hidden).toLocaleString("en")}`;
  }

  shown(hidden) {
    return this.entries.filter((entry) => !hidden.has(kindOf(entry)));
  }

  /** Return the feature before or after the chosen one, among those that are shown; of pages it is a promise. */
  beside(key, by, hidden) {
    const shown = this.shown(hidden);
    const now = shown.findIndex((entry) => entry.key === key);
    if (this.pages && !shown[now < 0 ? -1 : now + by]) return this.#beyond(key, now, by, hidden);
    return now < 0 ? shown.at(by < 0 ? -1 : 0) : shown[now + by];
  }

  async #beyond(key, now, by, hidden) {
    let rank = this.from + now + by;
    if (now < 0) {
      const place = key ? await this.pages.place(key) : -1;
      const standing = this.pages.rank(place, hidden);
      rank = standing < 0 ? this.from + (by < 0 ? this.entries.length - 1 : 0) : standing + by;
    }
    if (rank < 0 || rank >= this.count(hidden)) return undefined;
    await this.turnTo(rank, hidden);
    return this.entries[rank - this.from];
  }

  /** Return the places a first look must hold: what changed, or else everything. */
  get extent() {
    if (this.pages) return this.#all(); // one page is no measure of the whole
    const telling = this.entries.filter((entry) => kindOf(entry) !== "precision");
    const found = (telling.length ? telling : this.entries).flatMap(places);
    return found.length ? found : this.#all();
  }

  #all() {
    const points = ["after", "before"].flatMap((name) => this.#style?.sources[name]?.data?.features ?? []);
    return points.filter((feature) => feature.geometry.type === "Point").map((feature) => feature.geometry.coordinates);
  }

  #take(entries) {
    this.entries = entries;
    if (!this.pages || this.#byKey.size > KEPT) this.#byKey.clear();
    for (const entry of entries) this.#byKey.set(entry.key, entry);
  }
}
