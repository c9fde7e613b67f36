// The frame of an area on its map: drawn by mouse, pen or finger, and moved along with the map.
import { element } from "../drawn.js";
import { outward } from "./inside.js";

const LEAST_PX = 4; // a shorter drag is a slip of the hand

export class Frame {
  #from = null;

  /** `turned` hears whether the next drag draws. */
  constructor({ place, map, edges, turned }) {
    Object.assign(this, { place, map, edges, turned });
    this.button = document.querySelector('[data-do="draw"]');
    this.frame = element("div", { class: "frame", hidden: true });
    this.glass = element("div", { class: "glass", hidden: true });
    place.append(this.frame, this.glass);
    map.on("move", () => this.#settle());
    map.on("resize", () => this.#settle());
    edges.addEventListener("change", () => this.#settle());
    this.glass.addEventListener("pointerdown", (event) => this.#begin(event));
    this.glass.addEventListener("pointermove", (event) => this.#from && this.#show([this.#from, this.#at(event)]));
    this.glass.addEventListener("pointerup", (event) => this.#end(event));
    this.glass.addEventListener("pointercancel", () => this.stop());
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.stop());
    this.#settle();
  }

  /** Let the next drag draw a box, or no more. */
  toggle() {
    if (this.glass.hidden) this.#ready(true);
    else this.stop();
  }

  /** Draw no more; what stood before stands again. */
  stop() {
    this.#from = null;
    this.#ready(false);
    this.#settle();
  }

  #ready(on) {
    if (this.glass.hidden !== on) return;
    this.glass.hidden = !on;
    this.button.setAttribute("aria-pressed", String(on));
    this.turned(on);
  }

  #begin(event) {
    if (!event.isPrimary || event.button !== 0) return;
    this.glass.setPointerCapture(event.pointerId);
    this.#from = this.#at(event);
  }

  #end(event) {
    if (!this.#from) return;
    const [from, to] = [this.#from, this.#at(event)];
    if (Math.min(Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])) < LEAST_PX) return this.stop();
    const places = [from, to].map((at) => this.map.unproject(at));
    const [xs, ys] = [places.map(({ lng }) => lng), places.map(({ lat }) => lat)];
    this.#from = null;
    this.#ready(false);
    this.edges.set(outward([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]));
  }

  /** Return where a pointer is on the map, and its edge where it is beyond. */
  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.glass.getBoundingClientRect();
    return [Math.min(Math.max(clientX - left, 0), width), Math.min(Math.max(clientY - top, 0), height)];
  }

  #settle() {
    if (this.#from) return;
    const { box } = this.edges;
    this.frame.hidden = !box;
    if (box) this.#show([box.slice(0, 2), box.slice(2)].map((at) => Object.values(this.map.project(at))));
  }

  #show([[x, y], [toX, toY]]) {
    this.frame.hidden = false;
    const { style } = this.frame;
    [style.left, style.top] = [`${Math.min(x, toX)}px`, `${Math.min(y, toY)}px`];
    [style.width, style.height] = [`${Math.abs(toX - x)}px`, `${Math.abs(toY - y)}px`];
  }
}
