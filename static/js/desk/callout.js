// The words beside the chosen feature on the map.
import { element } from "../drawn.js";
import { happened } from "./words.js";

const [AWAY, ROOM] = [18, 260];

export class Callout {
  constructor({ chart, maplibre, desk, entryOf }) {
    Object.assign(this, { chart, maplibre, desk, entryOf });
    desk.on("choice", () => this.show());
    chart.map.on("moveend", () => this.show());
  }

  show() {
    this.marker?.remove();
    this.marker = null;
    const entry = this.entryOf(this.desk.chosen);
    const [at] = entry ? this.chart.drawn.places(entry) : [];
    if (!at) return;
    const { x } = this.chart.map.project(at);
    const left = x > this.chart.place.clientWidth - ROOM;
    const words = element("div", { class: "callout", "data-towards": left ? "left" : "right" }, element("b", {}, entry.key), ` ${happened(entry)}`);
    const about = { element: words, anchor: left ? "right" : "left", offset: [left ? -AWAY : AWAY, 0] };
    this.marker = new this.maplibre.Marker(about).setLngLat(at).addTo(this.chart.map);
  }
}
