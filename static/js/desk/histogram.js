// How far cells went: a histogram of the differences, and the same numbers as a table.
import { element, svg } from "../drawn.js";

const [WIDE, HIGH, FOOT] = [320, 92, 16];
const TIGHT = 11; // more bins have no room for every number
const LEAST = 2; // a bar of a few cells among thousands is seen too

function bound(value) {
  return value < 0 ? `−${-value}` : String(value);
}

function words({ from, to }, unit) {
  if (from === null) return `lower by ${bound(-to)} ${unit} and more`;
  if (to === null) return `higher by ${bound(from)} ${unit} and more`;
  return from < 0 || to <= 0 ? `lower by ${bound(-to)} to ${bound(-from)} ${unit}` : `higher by ${bound(from)} to ${bound(to)} ${unit}`;
}

function way({ from, to }) {
  return from === null || (to !== null && to <= 0) ? "lowered" : "raised";
}

/** Leave out bins without any cell at both ends, but not the one next to what is there, and none beside nothing. */
function trimmed(bins) {
  const near = bins.map((bin, place) => bin.cells > 0 || bin.from === 0 || bin.to === 0 || [place - 1, place + 1].some((beside) => bins[beside]?.cells > 0));
  return bins.slice(near.indexOf(true), near.lastIndexOf(true) + 1);
}

function drawn({ bins: all, unit }) {
  const bins = trimmed(all);
  const most = Math.max(1, ...bins.map(({ cells }) => cells));
  const wide = WIDE / bins.length;
  const bars = bins.map((bin, place) => {
    const high = bin.cells && Math.max(LEAST, (bin.cells / most) * (HIGH - 14));
    const about = { class: way(bin), x: place * wide + 1.5, y: HIGH - high, width: wide - 3, height: high };
    return svg("rect", about, svg("title", {}, `${words(bin, unit)}: ${bin.cells.toLocaleString("en")} cells`));
  });
  const tight = bins.length > TIGHT;
  const peaks = ["lowered", "raised"].map((name) => Math.max(0, ...bins.filter((bin) => way(bin) === name).map(({ cells }) => cells)));
  const counts = bins.map((bin, place) => (bin.cells && (!tight || peaks.includes(bin.cells)) ? svg("text", { class: "count-of", x: (place + 0.5) * wide, y: HIGH - Math.max(LEAST, (bin.cells / most) * (HIGH - 14)) - 3 }, bin.cells.toLocaleString("en")) : ""));
  const edges = bins.slice(1).map(({ from }, place) => tight && (from === null || bins.findIndex((bin) => bin.from === 0) - place - 1) % 2 ? "" : svg("text", { class: "edge", x: (place + 1) * wide, y: HIGH + FOOT - 4 }, bound(from)));
  const axis = svg("path", { class: "axis", d: `M0 ${HIGH}H${WIDE}` });
  const about = { class: "histogram", viewBox: `0 0 ${WIDE} ${HIGH + FOOT}`, role: "img", "aria-label": `Cells by difference in ${unit || "their unit"}; the numbers are in the table below` };
  return svg("svg", about, ...bars, axis, ...counts.filter(Boolean), ...edges.filter(Boolean));
}

function table({ bins, unit, unchanged }) {
  const rows = bins.filter(({ cells }) => cells).map((bin) => [words(bin, unit), bin.cells]);
  const all = [["the same as before", unchanged], ...rows];
  const told = all.map(([said, cells]) => element("tr", {}, element("th", { scope: "row" }, said), element("td", { class: "num" }, cells.toLocaleString("en"))));
  return element("table", { class: "grid", "aria-label": "Cells by difference" }, element("tbody", {}, ...told));
}

/** Fill the card with how far all cells went, where nothing is chosen. */
export function histogram({ card, title, told }) {
  const unit = told.unit ?? "";
  title.textContent = "How far cells went";
  const axis = element("p", { class: "note axis-words" }, `number of cells by difference${unit ? ` in ${unit}` : ""}, lower to the left, higher to the right`);
  const changed = told.bins.some(({ cells }) => cells);
  card.replaceChildren(...(changed ? [drawn({ ...told, unit }), axis] : []), table({ ...told, unit }));
}
