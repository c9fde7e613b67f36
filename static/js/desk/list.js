// The list of what changed: rows as far as one has scrolled, page by page if it is long, the chosen one marked.
import { element, shape, symbol } from "../drawn.js";
import { kindOf } from "./evidence.js";
import { finding } from "./findings.js";
import { failed } from "./told.js";
import { brief } from "./words.js";

const AT_ONCE = 150;

export class List {
  #shown = [];
  #rows = new Map();

  constructor({ section, features, desk }) {
    Object.assign(this, { section, features, desk, body: section.querySelector("[data-list]") });
    this.end = element("div", { class: "end-of-list", "aria-hidden": "true" });
    section.append(this.end);
    new IntersectionObserver(() => this.#more(), { root: section, rootMargin: "400px" }).observe(this.end);
    this.body.addEventListener("click", (event) => this.#picked(event));
    this.body.addEventListener("dblclick", () => desk.choose(desk.chosen, "closer"));
    this.body.addEventListener("mouseover", (event) => desk.hover(this.#key(event), "list"));
    this.body.addEventListener("mouseleave", () => desk.hover("", "list"));
    section.addEventListener("keydown", (event) => this.#moved(event));
    desk.on("filter", () => this.#filtered());
    desk.on("lost", (cause) => this.#lost(cause));
    desk.on("choice", (by) => this.#mark(by));
    desk.on("hover", (by) => this.#light(by));
    if (features.pages) this.#paged();
    this.fill();
  }

  fill() {
    this.#shown = this.features.shown(this.desk.hidden);
    this.#rows.clear();
    this.body.replaceChildren();
    this.#more();
    this.#mark("filter");
    this.#nothing();
    this.#where();
  }

  /** Put the ways to other pages beside the heading. */
  #paged() {
    const button = (by, sign, words) => {
      const made = element("button", { class: "button", type: "button", "data-rank": "quiet", "aria-label": words }, sign);
      made.addEventListener("click", () => this.#turn(this.features.from + by));
      return made;
    };
    const { size } = this.features.pages;
    this.said = element("span", { role: "status", "data-page": "" });
    this.ways = [button(-size, "‹", "Page before"), button(size, "›", "Next page")];
    this.section.querySelector("header .note").replaceChildren(this.said, ...this.ways);
    this.features.addEventListener("page", () => {
      this.section.scrollTop = 0;
      this.section.querySelector("[data-list-told]").replaceChildren();
      this.fill();
    });
  }

  /** Say which part of the list this is, and what the legend leaves out of it. */
  #where() {
    if (!this.features.pages) return;
    const { from, pages } = this.features;
    const [count, all] = [this.features.count(this.desk.hidden), this.features.count(new Set())];
    const figure = (number) => number.toLocaleString("en");
    const left = all - count ? ` shown, ${figure(all - count)} switched off in the legend` : "";
    this.said.textContent = count ? `${figure(from + 1)}–${figure(Math.min(from + pages.size, count))} of ${figure(count)}${left} ` : "";
    [this.ways[0].disabled, this.ways[1].disabled] = [from <= 0, from + pages.size >= count];
  }

  #filtered() {
    if (this.features.pages) this.#turn(0);
    else this.fill();
  }

  async #turn(rank) {
    try {
      await this.features.turnTo(rank, this.desk.hidden);
    } catch (cause) {
      this.#lost(cause, () => this.#turn(rank));
    }
  }

  #lost(cause, again = null) {
    failed(this.section.querySelector("[data-list-told]"), { strong: "Not read.", cause: cause.message, again });
  }

  #nothing() {
    if (this.#shown.length || !this.features.count(new Set())) return;
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

  async #moved(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && event.target === this.section) return this.desk.choose(this.desk.chosen, "closer");
    if (!step) return null;
    event.preventDefault();
    const entry = await this.features.beside(this.desk.chosen, step, this.desk.hidden);
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
