// Whether this browser can draw a map at all.
class NoWebGl extends Error {
  constructor() {
    super("This browser gives pages no WebGL: allow hardware acceleration, or use another one. All else works without it.");
  }
}

/** Refuse with the cause where no map can be drawn. */
export function checkCanDraw() {
  if (!document.createElement("canvas").getContext("webgl2")) throw new NoWebGl();
}
