// Make elements without HTML: names, properties, text and the marks of the sprite.
const SVG = "http://www.w3.org/2000/svg";

export function element(name, about = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(about)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") made.className = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function svg(name, about = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(about)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function mark(place, about) {
  return svg("svg", { ...about, "aria-hidden": "true" }, svg("use", { href: `#${place}` }));
}

export function symbol(kind) {
  return mark(`m-${kind}`, { class: `symbol ${kind}` });
}

export function shape(outcome) {
  return mark(`o-${outcome.toLowerCase()}`, { class: "shape", "data-outcome": outcome });
}

export function icon(name) {
  return mark(`i-${name}`, { class: "icon" });
}
