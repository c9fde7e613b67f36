// The colours of the theme, as a map needs them: resolved, not as CSS writes them.
const NAMES = [
  ..."outside land county near state edge rim city label halo quiet before".split(" ").map((name) => `map-${name}`),
  ..."added removed changed moved".split(" ").map((name) => `diff-${name}`),
  ..."01234".split("").map((step) => `ramp-${step}`),
  ..."text surface fail accent".split(" "),
];

/** Return the colour of every role in the theme that stands now. */
export function inks() {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const found = {};
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}
