// The pieces a dressed map is made of: marks, dots, lines, areas and pictures, each of one kind and one side.

export function both(filter, more) {
  return filter ? ["all", filter, more] : more;
}

function of(layer, name, type, { kind, filter = layer.filter, opacity = 1, more = {} }) {
  const made = { id: name, type, source: layer.source, metadata: { ...layer.metadata, "kfm:kind": kind, "kfm:opacity": opacity, ...more } };
  if (filter) made.filter = filter;
  if (layer["source-layer"]) made["source-layer"] = layer["source-layer"];
  return made;
}

export function icon(layer, name, image, { turn = 0, size = 1, opacity = 1, crowded = false, ...about }) {
  return {
    ...of(layer, name, "symbol", { ...about, opacity }),
    layout: {
      "icon-image": image,
      "icon-allow-overlap": !crowded,
      "icon-ignore-placement": !crowded,
      "icon-rotate": turn,
      "icon-rotation-alignment": "map",
      "icon-size": size * (matchMedia("(pointer: coarse)").matches ? 1.1 : 1),
    },
    paint: { "icon-opacity": opacity },
  };
}

export function dot(layer, name, { radius, colour, hollow = "", opacity = 1, ...about }) {
  return {
    ...of(layer, name, "circle", { ...about, opacity }),
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, radius, 11, radius * 1.8],
      "circle-color": hollow || colour,
      "circle-opacity": opacity,
      "circle-stroke-color": colour,
      "circle-stroke-opacity": opacity,
      "circle-stroke-width": hollow ? 1.2 : 0,
    },
  };
}

export function stroke(layer, name, { colour, width, dash, opacity = 1, ...about }) {
  const paint = { "line-color": colour, "line-width": ["interpolate", ["linear"], ["zoom"], 6, width, 11, width * 1.6], "line-opacity": opacity };
  if (dash) paint["line-dasharray"] = dash;
  return { ...of(layer, name, "line", { ...about, opacity }), layout: { "line-cap": "butt", "line-join": "round" }, paint };
}

export function area(layer, name, { colour, pattern = "", opacity = 1, ...about }) {
  const paint = { ...(pattern ? { "fill-pattern": pattern } : { "fill-color": colour }), "fill-opacity": opacity, "fill-antialias": false };
  return { ...of(layer, name, "fill", { ...about, opacity }), paint };
}

export function picture(layer, name, { opacity = 1, ...about }) {
  return { ...of(layer, name, "raster", { ...about, opacity }), paint: { "raster-opacity": opacity, "raster-resampling": "nearest", "raster-fade-duration": 0 } };
}
