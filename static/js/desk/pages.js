// Pages of a list too long to be read whole: members of a gzip file, each read by its place when it is wanted.
import { kindOf, NotRead } from "./evidence.js";

const KEPT = 16;
const DIGEST = /[0-9a-f]{64}/;

/** Compare as the list was sorted: by the numbers of the letters, not by the halves JavaScript cuts them into. */
function order(one, other) {
  const [left, right] = [Array.from(one), Array.from(other)];
  const at = left.findIndex((letter, place) => letter !== right[place]);
  if (at < 0) return left.length - right.length;
  return right[at] === undefined ? 1 : left[at].codePointAt(0) - right[at].codePointAt(0);
}

export class Pages {
  #kept = new Map();

  /** `told` is the list's own document, which holds the first page; `address` is where that was read. */
  constructor({ told, address }) {
    const { pages, changes } = told;
    Object.assign(this, pages);
    this.address = address.replace(DIGEST, pages.artifact);
    this.noticed = changes.slice(0, pages.findings);
    this.#kept.set("page 0", Promise.resolve(changes));
  }

  /** Return the stretches of the list that are shown: first what gates noticed one by one, then kind by kind. */
  #stretches(hidden) {
    let at = this.findings;
    const noticed = this.noticed.map((entry, place) => [place, hidden.has(kindOf(entry)) ? place : place + 1]);
    const others = this.kinds.map(({ kind, count }) => {
      const begin = at;
      at += count;
      return [begin, hidden.has(kind) ? begin : at];
    });
    return [...noticed, ...others].filter(([begin, end]) => end > begin);
  }

  /** Return how many entries are shown. */
  shown(hidden) {
    return this.#stretches(hidden).reduce((sum, [begin, end]) => sum + end - begin, 0);
  }

  /** Return which of the shown entries stands at a place of the whole list, or -1. */
  rank(place, hidden) {
    let before = 0;
    for (const [begin, end] of this.#stretches(hidden)) {
      if (place >= begin && place < end) return before + place - begin;
      before += end - begin;
    }
    return -1;
  }

  /** Return the shown entries from the one numbered `from`, as many as a page has. */
  async entries(from, hidden) {
    const places = [];
    let before = 0;
    for (const [begin, end] of this.#stretches(hidden)) {
      const first = begin + Math.max(0, from - before);
      for (let place = first; place < end && places.length < this.size; place += 1) places.push(place);
      before += end - begin;
    }
    const numbers = [...new Set(places.map((place) => Math.floor(place / this.size)))];
    const pages = new Map(await Promise.all(numbers.map(async (number) => [number, await this.#page(number)])));
    return places.map((place) => pages.get(Math.floor(place / this.size))[place % this.size]);
  }

  /** Return the place of a key in the whole list, or -1 if the feature did not change. */
  async place(key) {
    const { first, offsets } = this.index;
    let [low, high] = [0, first.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(first[middle], key) <= 0) low = middle + 1;
      else high = middle;
    }
    if (!low) return -1;
    const part = await this.#once(`index ${low - 1}`, offsets[low - 1], offsets[low]);
    return part.find(([one]) => one === key)?.[1] ?? -1;
  }

  /** Return the entry at a place of the whole list. */
  async at(place) {
    return (await this.#page(Math.floor(place / this.size)))[place % this.size];
  }

  #page(number) {
    return this.#once(`page ${number}`, this.offsets[number], this.offsets[number + 1]);
  }

  /** Read a member, unless it is known; what could not be read is asked for again. */
  #once(name, begin, end) {
    const known = this.#kept.get(name);
    const read = known ?? member(this.address, begin, end);
    this.#kept.delete(name);
    this.#kept.set(name, read);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    if (!known) read.catch(() => this.#kept.delete(name));
    return read;
  }
}

async function member(address, begin, end) {
  let answer;
  try {
    answer = await fetch(address, { headers: { Range: `bytes=${begin}-${end - 1}` } });
  } catch {
    throw new NotRead("This part of the list cannot be fetched: the server does not answer.");
  }
  if (answer.redirected) throw new NotRead("This part of the list cannot be fetched: you are signed out. Sign in again.");
  if (answer.status !== 206) throw new NotRead(`This part of the list cannot be fetched: the server answered ${answer.status}.`);
  try {
    const opened = answer.body.pipeThrough(new DecompressionStream("gzip"));
    return await new Response(opened).json();
  } catch {
    throw new NotRead("This part of the list is not what it should be: it cannot be read.");
  }
}
