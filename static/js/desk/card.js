// The card of one feature: what happened, what the gates said, and its columns, the changed ones first.
import { element, shape, symbol } from "../drawn.js";
import { kindOf } from "./evidence.js";
import { finding } from "./findings.js";
import { degrees, happened } from "./words.js";

const ABSENT = "–";
const [LONG, LONG_SHAPE] = [240, 60];
const WRITTEN = /^(?:MULTI)?(?:POLYGON|LINESTRING|POINT)|^GEOMETRYCOLLECTION/;

function isShape(value) {
  return WRITTEN.test(value) && value.length > LONG_SHAPE;
}

/** Say a long text in short; the whole of it is there for whoever opens it. */
function long(value) {
  const corners = value.split(",").length;
  const brief = isShape(value) ? `${value.split(" ")[0].toLowerCase()}, ${corners.toLocaleString("en")} points` : `${value.slice(0, LONG / 2)}…`;
  return element("details", { class: "long" }, element("summary", {}, brief), value);
}

function cell(value, about = {}) {
  const absent = value === null || value === undefined || value === "";
  const shown = !absent && (value.length > LONG || isShape(value)) ? long(value) : value;
  return element("td", absent ? { class: "absent" } : about, absent ? ABSENT : shown);
}

function heads(...words) {
  return element("thead", {}, element("tr", {}, ...words.map((word) => element("th", { scope: "col" }, word))));
}

function line(name, ...cells) {
  return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
}

function changed(entry, { before, after }) {
  const rows = entry.columns.map(({ name, old, new: now }) => line(name, cell(old, { class: "was" }), cell(now, { class: "now" })));
  return element("table", { class: "grid", "aria-label": "Changed columns" }, heads(`Changed ${rows.length}`, before, after), element("tbody", {}, ...rows));
}

function one(entry, { before, after }) {
  const added = entry.kind === "added";
  const told = entry.columns.map(({ name, old, new: now }) => line(name, cell(added ? now : old, { class: added ? "now" : "was" })));
  return element("table", { class: "grid", "aria-label": "Its columns" }, heads("Column", added ? after : before), element("tbody", {}, ...told));
}

function same(entry) {
  const told = Object.entries(entry.same);
  if (!told.length) return null;
  const rows = told.map(([name, value]) => line(name, cell(value)));
  return element("table", { class: "grid rest", "aria-label": "Columns that are the same" }, heads(`The same ${told.length}`, "in both"), element("tbody", {}, ...rows));
}

function input(entry) {
  const belongs = entry.belongs ? line("belongs at", cell(degrees(entry.belongs), { class: "now" })) : null;
  const [x = "", y = ""] = entry.read.split(", ");
  const rows = [line("read as x", cell(x, { class: "was" })), line("read as y", cell(y, { class: "was" })), belongs];
  return element("table", { class: "grid", "aria-label": "Where it was read" }, element("tbody", {}, ...rows.filter(Boolean)));
}

function body(entry, sides) {
  if (entry.kind === "as_read") return [input(entry)];
  if (entry.kind === "same" && !entry.columns.length) return [element("p", { class: "note say" }, sides.alone ? "This edition has nothing to be compared with." : "Nothing of it differs.")];
  if (entry.kind === "added" || entry.kind === "removed") return [one(entry, sides)];
  return [changed(entry, sides), same(entry)];
}

function noticed(entry) {
  const said = finding(entry);
  return said && element("p", { class: "noticed", "data-outcome": said.outcome }, shape(said.outcome), element("span", {}, said.words));
}

export class Card {
  constructor({ section, desk, entryOf, sides, position }) {
    Object.assign(this, { section, desk, entryOf, sides, position });
    this.title = section.querySelector("[data-title]");
    this.said = section.querySelector("[data-position]");
    this.body = section.querySelector("[data-card]");
    desk.on("choice filter", () => this.fill());
  }

  fill() {
    const entry = this.entryOf(this.desk.chosen);
    this.said.textContent = this.position(this.desk.chosen);
    if (!entry) return;
    const mark = entry.kind === "as_read" ? "as-read" : kindOf(entry);
    this.title.replaceChildren(symbol(mark), element("span", {}, entry.key), " ", element("span", { class: "happened" }, happened(entry)));
    const name = entry.title && entry.title !== entry.key ? element("p", { class: "named" }, entry.title) : null;
    this.body.replaceChildren(...[name, noticed(entry), ...body(entry, this.sides)].filter(Boolean));
    this.section.scrollTop = 0;
  }
}
