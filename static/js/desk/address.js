// Keep camera, feature, way to compare and hidden kinds in the address, so that a view can be sent to others.
const MODES = ["diff", "swipe", "blink", "side"];

/** Read what the address asks for; what is not understood is left out. */
export function asked() {
  const given = new URLSearchParams(location.hash.slice(1));
  const [zoom, lat, lon] = (given.get("at") ?? "").split("/").map(Number);
  const placed = given.has("at") && [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85;
  return {
    camera: placed ? { center: [lon, lat], zoom } : null,
    feature: given.get("feature") ?? "",
    mode: MODES.includes(given.get("mode")) ? given.get("mode") : "diff",
    hidden: (given.get("hide") ?? "").split(",").filter(Boolean),
  };
}

/** Write the view into the address, without a new entry of the history. */
export function write({ desk, map }) {
  const said = new URLSearchParams();
  if (desk.chosen) said.set("feature", desk.chosen);
  if (desk.mode !== "diff") said.set("mode", desk.mode);
  if (desk.hidden.size) said.set("hide", [...desk.hidden].sort().join(","));
  const { lng, lat } = map.getCenter();
  said.set("at", `${map.getZoom().toFixed(2)}/${lat.toFixed(4)}/${lng.toFixed(4)}`);
  history.replaceState(history.state, "", `#${said.toString().replaceAll("%2F", "/").replaceAll("%2C", ",")}`);
}
