// What the gates said about a feature, as the page beside the map says it.

/** Return the outcome and the words of the rule that noticed an entry, or nothing. */
export function finding(entry) {
  if (!entry.finding) return null;
  const gate = document.querySelector(`.gate[data-gate="${CSS.escape(entry.finding.split(".")[0])}"]`);
  const said = [...(gate?.querySelectorAll(`.finding[data-rule="${CSS.escape(entry.finding)}"]`) ?? [])];
  const own = said.find((line) => line.dataset.where === entry.key) ?? (said.length === 1 ? said[0] : null);
  return {
    outcome: gate?.dataset.outcome ?? "REVIEW",
    words: own?.querySelector("[data-message]")?.textContent ?? `The rule ${entry.finding} noticed this feature.`,
  };
}
