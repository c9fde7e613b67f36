// The list of what changed: rows as far as one has scrolled, the chosen one marked.
import { element, shape, symbol } from "../drawn.js";
import { kindOf } from "./evidence.js";
import { finding } from "./findings.js";
import { brief } from "./words.js";

const AT_ONCE = 150;

export class List {
  #shown = [];
  #rows = new Map();

  constructor({ section, entries, desk, beside }) {
    Object.assign(this, { section, entries, desk, beside, body: section.querySelector("[data-list]") });
    this.end = element("div", { class: "end-of-list", "aria-hidden": "true" });
    section.append(this.end);
    new IntersectionObserver(() => this.#more(), { root: section, rootMargin: "400px" }).observe(this.end);
    this.body.addEventListener("click", (event) => this.#picked(event));
    this.body.addEventListener("dblclick", () => desk.choose(desk.chosen, "closer"));
    this.body.addEventListener("mouseover", (event) => desk.hover(this.#key(event), "list"));
    this.body.addEventListener("mouseleave", () => desk.hover("", "list"));
    section.addEventListener("keydown", (event) => this.#moved(event));
    desk.on("filter", () => this.fill());
    desk.on("choice", (by) => this.#mark(by));
    desk.on("hover", (by) => this.#light(by));
    this.fill();
  }

  fill() {
    this.#shown = this.entries.filter((entry) => !this.desk.hidden.has(kindOf(entry)));
    this.#rows.clear();
    this.body.replaceChildren();
    this.#more();
    this.#mark("filter");
    this.#nothing();
  }

  #nothing() {
    if (this.#shown.length || !this.entries.length) return;
    const words = "Every kind is switched off in the legend.";
    this.body.append(element("tr", {}, element("td", { colspan: "4", class: "note" }, words)));
  }

  #more() {
    const next = this.#shown.slice(this.#rows.size, this.#rows.size + AT_ONCE);
    for (const entry of next) this.#rows.set(entry.key, this.#row(entry));
    this.body.append(...next.map((entry) => this.#rows.get(entry.key)));
  }

  #row(entry) {
    const said = finding(entry);
    const noticed = said ? [shape(said.outcome), " "] : [];
    const mark = entry.kind === "as_read" ? "as-read" : kindOf(entry);
    const words = element("span", { class: "unseen" }, `${entry.kind.replace("_", " ")}: `);
    const key = element("button", { type: "button", tabindex: "-1" }, entry.key);
    return element(
      "tr",
      { "data-key-of": entry.key },
      element("td", {}, symbol(mark), words),
      element("th", { scope: "row" }, key),
      element("td", {}, entry.title === entry.key ? "" : entry.title),
      element("td", {}, ...noticed, brief(entry)),
    );
  }

  #key(event) {
    return event.target.closest("[data-key-of]")?.dataset.keyOf ?? "";
  }

  #picked(event) {
    const key = this.#key(event);
    if (key) this.desk.choose(key, "list");
  }

  #moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && event.target === this.section) return this.desk.choose(this.desk.chosen, "closer");
    if (!step) return null;
    event.preventDefault();
    const entry = this.beside(step);
    return entry && this.desk.choose(entry.key, "key");
  }

  #mark(by) {
    for (const row of this.body.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    const index = this.#shown.findIndex((entry) => entry.key === this.desk.chosen);
    while (index >= this.#rows.size) this.#more();
    const row = this.#rows.get(this.desk.chosen);
    row?.setAttribute("aria-current", "true");
    if (row && by !== "list") this.#scrollTo(row);
  }

  /** Bring a row into view inside the list alone: the page stays where it is. */
  #scrollTo(row) {
    const [box, at] = [this.section.getBoundingClientRect(), row.getBoundingClientRect()];
    const head = this.section.querySelector("header").offsetHeight;
    if (at.top < box.top + head) this.section.scrollTop += at.top - box.top - head;
    else if (at.bottom > box.bottom) this.section.scrollTop += at.bottom - box.bottom;
  }

  #light(by) {
    for (const row of this.body.querySelectorAll("[data-lit]")) row.removeAttribute("data-lit");
    if (by !== "list") this.#rows.get(this.desk.hovered)?.setAttribute("data-lit", "");
  }
}
