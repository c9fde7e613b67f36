// How the desk says what happened to a feature.
const KM = 1000;

export function distance(metres) {
  if (metres === null || metres === undefined) return "";
  if (metres < 1) return `${(metres * 100).toFixed(0)} cm`;
  return metres < KM ? `${metres.toFixed(metres < 10 ? 1 : 0)} m` : `${(metres / KM).toFixed(1)} km`;
}

/** Say in two or three words what happened. */
export function happened(entry) {
  if (entry.kind === "moved") return `moved ${distance(entry.distance_m)}`;
  if (entry.kind === "as_read") return entry.belongs ? "with its axes exchanged" : "as it was read";
  if (entry.kind === "changed" && entry.decimals_only) return "changed in decimals only";
  if (entry.kind === "changed") return `changed in ${columns(entry.columns.length)}`;
  return { added: "added", removed: "removed", same: "the same in both" }[entry.kind] ?? entry.kind;
}

/** Say the same in the last column of the list. */
export function brief(entry) {
  if (entry.kind === "moved") return distance(entry.distance_m);
  if (entry.kind === "as_read") return entry.read.split(", ").map((number) => Number(number).toFixed(2)).join(", ");
  if (entry.kind !== "changed") return entry.kind;
  return entry.decimals_only ? "decimals" : columns(entry.columns.length);
}

function columns(count) {
  return count === 1 ? "1 column" : `${count} columns`;
}

/** Write degrees with the letter people read. */
export function degrees([lon, lat]) {
  const one = (value, [plus, minus]) => `${Math.abs(value).toFixed(4)}° ${value < 0 ? minus : plus}`;
  return `${one(lat, "NS")}, ${one(lon, "EW")}`;
}
