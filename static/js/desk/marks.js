// Draw the marks of the map: each kind has its own shape before it has its colour.
const SIZE = 20;
const TURN = 2 * Math.PI;

function disc(pen, radius, colour) {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.arc(0, 0, radius, 0, TURN);
  pen.fill();
}

function lines(pen, paths, width, colour) {
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke(new Path2D(paths));
}

function shape(pen, path, colour) {
  pen.fillStyle = colour;
  pen.fill(new Path2D(path));
}

const MARKS = {
  added(pen, ink) {
    disc(pen, 7.4, ink["map-halo"]);
    disc(pen, 6.2, ink["diff-added"]);
    lines(pen, "M0-3.2v6.4M-3.2 0h6.4", 1.9, ink["map-halo"]);
  },
  removed(pen, ink) {
    shape(pen, "M-6.8-6.8H6.8V6.8H-6.8z", ink["map-halo"]);
    pen.setLineDash([2.9, 1.8]);
    pen.lineDashOffset = 1.4;
    lines(pen, "M-5.2-5.2H5.2V5.2H-5.2z", 1.7, ink["diff-removed"]);
    pen.setLineDash([]);
    lines(pen, "M-2.9 0h5.8", 2, ink["diff-removed"]);
  },
  changed(pen, ink) {
    shape(pen, "M0-7l7 7-7 7-7-7z", ink["map-halo"]);
    shape(pen, "M0-5l5 5-5 5-5-5z", ink["diff-changed"]);
  },
  moved(pen, ink) {
    lines(pen, "M-7 0H6.4M1.2-4.4L5.8 0 1.2 4.4", 4.6, ink["map-halo"]);
    lines(pen, "M-3.4 0h8.8M1.2-4.2L5.6 0 1.2 4.2", 2, ink["diff-moved"]);
    pen.translate(-5.4, 0);
    disc(pen, 2.6, ink["diff-moved"]);
    disc(pen, 1.3, ink["map-halo"]);
  },
  tip(pen, ink) {
    shape(pen, "M1.6 0L-8.6-5.4v10.8z", ink["map-halo"]);
    shape(pen, "M0 0L-7.6-4v8z", ink["diff-moved"]);
  },
  "as-read"(pen, ink) {
    lines(pen, "M-4.4-4.4l8.8 8.8m0-8.8l-8.8 8.8", 4.8, ink["map-halo"]);
    lines(pen, "M-4.4-4.4l8.8 8.8m0-8.8l-8.8 8.8", 2.1, ink.fail);
  },
  belongs(pen, ink) {
    disc(pen, 5.6, ink["map-halo"]);
    disc(pen, 4.6, ink["diff-added"]);
    disc(pen, 2.7, ink["map-halo"]);
  },
  town(pen, ink) {
    shape(pen, "M-2.6-2.6h5.2v5.2h-5.2z", ink["map-halo"]);
    shape(pen, "M-1.7-1.7h3.4v3.4h-3.4z", ink["map-city"]);
  },
};

// What fills areas: a square that goes on at all of its edges.
const HATCH = 8;
const PATTERNS = {
  "hatch-removed"(pen, ink) {
    lines(pen, `M-1 1L1-1M-1 ${HATCH + 1}L${HATCH + 1}-1M${HATCH - 1} ${HATCH + 1}L${HATCH + 1} ${HATCH - 1}`, 1, ink["diff-removed"]);
  },
};

/** Return the image of one mark as MapLibre takes it, or nothing for a name that is not drawn here. */
export function mark(name, ink, ratio) {
  const draw = MARKS[name] ?? PATTERNS[name];
  if (!draw) return null;
  const side = name in MARKS ? SIZE : HATCH;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  if (name in MARKS) pen.translate(side / 2, side / 2);
  pen.lineCap = "round";
  pen.lineJoin = "round";
  draw(pen, ink);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
