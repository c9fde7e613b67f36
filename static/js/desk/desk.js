// What is chosen on this desk: feature, kinds that are hidden, way to compare; whoever draws hears of it.
export class Desk extends EventTarget {
  #chosen = "";
  #hovered = "";
  #mode = "diff";
  #hidden = new Set();
  #asked = 0;

  /** Who reads what is not known yet about a feature, before it is chosen; nobody where all is known. */
  finder = null;
  /** Whether a choice still waits for what is read about it. */
  waits = false;

  get chosen() {
    return this.#chosen;
  }

  get hovered() {
    return this.#hovered;
  }

  get mode() {
    return this.#mode;
  }

  get hidden() {
    return this.#hidden;
  }

  /** Choose a feature by its key; `by` says whether the list, the map, a key or the address did. */
  choose(key, by) {
    this.#asked += 1;
    const mine = this.#asked;
    if (!this.finder || this.finder.has(key)) return this.#choose(key, by);
    this.waits = true;
    const found = () => mine === this.#asked && this.#choose(key, by);
    return this.finder.find(key, this.#hidden).then(found, (cause) => this.#tell("lost", cause));
  }

  #choose(key, by) {
    this.#chosen = key;
    this.waits = false;
    this.#tell("choice", by);
  }

  hover(key, by) {
    if (key === this.#hovered) return;
    this.#hovered = key;
    this.#tell("hover", by);
  }

  compare(mode) {
    this.#mode = mode;
    this.#tell("mode");
  }

  hide(kinds) {
    this.#hidden = new Set(kinds);
    this.#tell("filter");
  }

  toggle(kind) {
    const hidden = new Set(this.#hidden);
    if (!hidden.delete(kind)) hidden.add(kind);
    this.hide(hidden);
  }

  on(names, act) {
    for (const name of names.split(" ")) this.addEventListener(name, (event) => act(event.detail));
  }

  #tell(name, by = "") {
    this.dispatchEvent(new CustomEvent(name, { detail: by }));
  }
}
