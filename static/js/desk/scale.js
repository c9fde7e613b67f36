// The scale of what is shaded or painted: each colour with its words, in the row of the legend.
import { element, svg } from "../drawn.js";

const STRIP = 100;
const APART = 6; // so many colours are told one by one, more as a strip

function swatch(about) {
  return svg("svg", { class: "swatch", viewBox: "0 0 14 10", "aria-hidden": "true" }, svg("rect", { x: 0.5, y: 0.5, width: 13, height: 9, ...about }));
}

function item(mark, words, count) {
  return element("li", {}, mark, words, count === undefined ? null : element("b", {}, count.toLocaleString("en")));
}

/** Draw colours that go over into one another as one strip between its ends, every step with its words. */
function strip(name, colours) {
  const wide = STRIP / colours.length;
  const steps = colours.map(({ colour, words }, place) =>
    svg("rect", { x: place * wide, y: 0, width: wide + 0.3, height: 10, fill: colour }, svg("title", {}, words)),
  );
  const said = `${name}: ${colours.map(({ words }) => words).join(", ")}`;
  const drawn = svg("svg", { viewBox: `0 0 ${STRIP} 10`, preserveAspectRatio: "none", role: "img", "aria-label": said }, ...steps);
  return element("p", { class: "strip-scale" }, colours[0].words, drawn, colours.at(-1).words);
}

function shades({ "kfm:ramp": ramp, "kfm:shade": column }) {
  const steps = ramp.map(({ step, words, places }) => item(swatch({ class: `ramp-${step}` }), words, places));
  return element("ol", { class: "scale", "aria-label": `Places by ${column}, each by its highest` }, ...steps);
}

function switchOf({ "kfm:shade": column }) {
  const about = { type: "button", "data-do": "filter", "data-kind": "shade", "aria-pressed": "true" };
  return element("button", about, swatch({ class: "ramp-2" }), column.replaceAll("_", " "));
}

/** Tell a few colours one by one, many as a strip; what has no number stands by itself. */
function differing(name, colours) {
  const going = colours.filter(({ words }) => /\d/.test(words));
  const ended = colours.filter((one) => !going.includes(one));
  if (going.length <= APART) return colours.length ? [differences(name, colours)] : [];
  return [strip(name, going), ...(ended.length ? [differences(name, ended)] : [])];
}

function differences(name, colours) {
  const steps = colours.map(({ colour, words }) => item(swatch({ fill: colour }), words));
  return element("ol", { class: "scale", "aria-label": name }, ...steps);
}

/** Put the scales that a style tells of beside its legend. */
export function scale({ style, row }) {
  row.querySelectorAll(".scales").forEach((old) => old.remove());
  const about = style.metadata ?? {};
  const unit = about["kfm:unit"] ? ` in ${about["kfm:unit"]}` : "";
  const scales = [];
  if (about["kfm:ramp"]?.length) {
    scales.push(element("div", { class: "legend" }, switchOf(about), shades(about)));
  }
  if (about["kfm:values"]?.length) scales.push(strip(`Values${unit}`, about["kfm:values"]));
  scales.push(...differing(`Differences${unit}`, about["kfm:differences"] ?? []));
  if (scales.length) row.append(element("div", { class: "scales" }, ...scales));
}
