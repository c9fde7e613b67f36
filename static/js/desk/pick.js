// Choose on the map: what lies under the pointer, and the next of the stack at every further click.
export function pick({ chart, desk, entryOf }) {
  const { map } = chart;
  let stack = "";

  map.on("click", ({ point }) => {
    const keys = chart.keysAt(point).filter(entryOf);
    if (!keys.length) return;
    const turn = stack === keys.join("\n") ? (keys.indexOf(desk.chosen) + 1) % keys.length : 0;
    stack = keys.join("\n");
    desk.choose(keys[turn], "map");
  });

  map.on("mousemove", ({ point }) => {
    const [key = ""] = chart.keysAt(point);
    map.getCanvas().style.cursor = key ? "pointer" : "";
    desk.hover(key, "map");
  });

  map.on("mouseout", () => desk.hover("", "map"));
}
