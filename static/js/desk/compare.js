// Ways to compare: one map of both sides, a curtain between them, one after the other, or side by side.
import { element, icon } from "../drawn.js";

const EVERY_MS = 1100;
const [LEAST, MOST, STEP] = [4, 96, 4];
const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Compare {
  #timer = 0;
  #blinked = "after";
  #share = 50;

  /** `main` is the map that is always there; `other` makes the one of the older side when it is needed. */
  constructor({ place, desk, main, other, sides }) {
    Object.assign(this, { place, desk, main, other, sides });
    this.before = element("span", { class: "side-tag", "data-side": "before" }, `Before · ${sides.before}`);
    this.after = element("span", { class: "side-tag", "data-side": "after" }, `After · ${sides.after}`);
    this.before.hidden = this.after.hidden = true;
    this.curtain = this.#curtain();
    place.append(this.before, this.after, this.curtain);
    desk.on("mode", () => this.#begin());
    desk.on("filter", () => this.apply());
  }

  /** Whether sides change only when they are asked to, because people wanted less motion. */
  get byHand() {
    return this.desk.mode === "blink" && still.matches;
  }

  /** Draw what the mode, the legend and the switch of the paper ask for. */
  apply() {
    const { mode, hidden } = this.desk;
    const paper = this.place.dataset.paper !== "off";
    const main = { diff: "both", blink: this.#blinked }[mode] ?? "after";
    this.main.look({ side: main, hidden, paper });
    if (this.older) this.older.look({ side: "before", hidden, paper });
    this.before.hidden = mode === "diff" || (mode === "blink" && main === "after");
    this.after.hidden = mode === "diff" || (mode === "blink" && main === "before");
  }

  #begin() {
    const { mode } = this.desk;
    const two = mode === "swipe" || mode === "side";
    if (two && !this.older) this.#open();
    if (this.older) this.older.place.hidden = !two;
    const seen = this.main.map.getBounds();
    const halved = (mode === "side") !== (this.place.dataset.mode === "side");
    this.place.dataset.mode = mode;
    this.curtain.hidden = mode !== "swipe";
    for (const button of document.querySelectorAll('[data-do="mode"]')) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    this.#blink(mode === "blink");
    this.main.map.resize();
    this.older?.map.resize();
    if (halved) this.main.map.fitBounds(seen, { duration: 0 });
    this.#draw(this.#share);
    this.apply();
  }

  #open() {
    this.older = this.other();
    const follow = (from, to) => from.on("move", (event) => {
      if (event.follows || this.older.place.hidden) return;
      to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() }, { follows: true });
    });
    follow(this.main.map, this.older.map);
    follow(this.older.map, this.main.map);
  }

  /** Change sides by itself, or at every press of the key where people asked for less motion. */
  #blink(on) {
    clearInterval(this.#timer);
    this.#blinked = on && still.matches && this.#blinked === "after" ? "before" : "after";
    if (!on || still.matches) return;
    this.#blinked = "before";
    this.#timer = setInterval(() => {
      this.#blinked = this.#blinked === "before" ? "after" : "before";
      this.apply();
    }, EVERY_MS);
  }

  #curtain() {
    const about = { class: "curtain", role: "slider", tabindex: "0", "aria-label": "How much of the older side is shown" };
    const grip = element("span", { class: "curtain-grip" }, icon("swipe"));
    const handle = element("div", { ...about, "aria-valuemin": "0", "aria-valuemax": "100" }, grip);
    handle.hidden = true;
    const drag = (event) => {
      const box = this.place.getBoundingClientRect();
      this.#draw(((event.clientX - box.left) / box.width) * 100);
    };
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      handle.addEventListener("pointermove", drag);
    });
    handle.addEventListener("pointerup", () => handle.removeEventListener("pointermove", drag));
    handle.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#draw(this.#share + step);
    });
    return handle;
  }

  #draw(share) {
    this.#share = Math.min(MOST, Math.max(LEAST, share));
    this.place.style.setProperty("--share", `${this.#share}%`);
    this.curtain.setAttribute("aria-valuenow", String(Math.round(this.#share)));
  }
}
