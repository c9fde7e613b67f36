// Read what the run left behind: the map's style and the list of changes, and what each feature is.
export class NotRead extends Error {}

export async function read(address, what) {
  let answer;
  try {
    answer = await fetch(address, { headers: { Accept: "application/json" } });
  } catch {
    throw new NotRead(`${what} cannot be fetched: the server does not answer.`);
  }
  if (answer.redirected) throw new NotRead(`${what} cannot be fetched: you are signed out. Sign in again.`);
  if (!answer.ok) throw new NotRead(`${what} cannot be fetched: the server answered ${answer.status}.`);
  try {
    return await answer.json();
  } catch {
    throw new NotRead(`${what} is not what it should be: it cannot be read as JSON.`);
  }
}

/** Return the kind a change is shown as: changes of nothing but decimals are a kind of their own. */
export function kindOf(change) {
  return change.decimals_only ? "precision" : change.kind;
}

/** Return the features of a style's source, or none. */
export function features(style, source) {
  return style?.sources[source]?.data?.features ?? [];
}

/** Return the points of a refused input as entries: where each was read and where it belongs. */
export function inputs(style) {
  const belongs = new Map(features(style, "belongs").map((spot) => [spot.properties.key, spot.geometry.coordinates]));
  return features(style, "as_read").map(({ properties, geometry }) => ({
    ...properties,
    columns: [],
    same: {},
    place: geometry.coordinates,
    belongs: belongs.get(properties.key) ?? null,
  }));
}

/** Return every place an entry has on the map. */
export function places(entry) {
  const known = [entry.after, entry.before].filter(Boolean).map(({ lon, lat }) => [lon, lat]);
  return [...known, entry.place, entry.belongs].filter(Boolean);
}

/** Return a feature that did not change, as an entry. */
export function unchanged(style, key) {
  const found = features(style, "after").find((feature) => feature.properties.key === key);
  return found && { ...found.properties, kind: "same", columns: [], same: {}, place: found.geometry.coordinates };
}
