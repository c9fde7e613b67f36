"""The map as a test asks it: what it draws, in which order, from which data, and where on the screen."""

from typing import Any

from playwright.sync_api import JSHandle, Page, expect

CATCH = """
async (place) => {
  const { Map } = await import(place.dataset.maplibre);
  const asked = Map.prototype.getCenter;
  window.caught = new Promise((resolve) => {
    Map.prototype.getCenter = function () {
      Map.prototype.getCenter = asked;
      resolve(this);
      return asked.call(this);
    };
  });
}
"""
STILL = """
(map) => new Promise((resolve) => {
  if (map.loaded() && !map.isMoving()) resolve();
  else map.once("idle", () => resolve());
})
"""
DRAWN = """
(map, name) => {
  const layers = map.getStyle().layers.map(({ id }) => id).filter((id) => id.startsWith(name));
  return map.queryRenderedFeatures({ layers }).map((feature) => feature.properties);
}
"""
SHOWN = """
(map, kind) => {
  const ours = map.getStyle().layers.filter(({ metadata }) => metadata?.["kfm:kind"] === kind);
  const layers = ours.map(({ id }) => id);
  return [...new Set(map.queryRenderedFeatures({ layers }).map((feature) => feature.properties.key))].sort();
}
"""
HELD = "(map, source) => map.getStyle().sources[source].data.features"
SOURCES = "(map) => Object.keys(map.getStyle().sources)"
LAYERS = "(map) => map.getStyle().layers.map(({ id, metadata }) => [id, metadata?.['kfm:kind'] ?? ''])"
CAMERA = "(map) => [map.getCenter().lng, map.getCenter().lat, map.getZoom()]"
SPOT = """
(map, at) => {
  const box = map.getCanvas().getBoundingClientRect();
  const { x, y } = map.project(at);
  return [box.left + x, box.top + y];
}
"""


class Chart:
    """The one map of a desk."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.place = page.get_by_role("application")
        expect(self.place).to_have_attribute("data-state", "ready")
        self.place.evaluate(CATCH)
        page.get_by_role("button", name="Zoom in").click()
        self._map: JSHandle = page.evaluate_handle("() => window.caught")
        page.get_by_role("button", name="Show everything that changed").click()
        self.settle()

    def settle(self) -> None:
        """Wait until it neither moves nor reads."""
        self._map.evaluate(STILL)

    def drawn(self, layer: str) -> list[dict[str, Any]]:
        """Return what is on the screen of the layers whose name begins so."""
        found: list[dict[str, Any]] = self._map.evaluate(DRAWN, layer)
        return found

    def shown(self, kind: str) -> list[str]:
        """Return the keys of the features of one kind on the screen."""
        found: list[str] = self._map.evaluate(SHOWN, kind)
        return found

    def held(self, source: str) -> list[dict[str, Any]]:
        """Return all features of one source."""
        found: list[dict[str, Any]] = self._map.evaluate(HELD, source)
        return found

    def sources(self) -> list[str]:
        found: list[str] = self._map.evaluate(SOURCES)
        return found

    def layers(self) -> list[tuple[str, str]]:
        """Return the names of all layers with the kind each draws, from the ground up."""
        found: list[tuple[str, str]] = self._map.evaluate(LAYERS)
        return [(name, kind) for name, kind in found]

    def camera(self) -> tuple[float, float, float]:
        """Return where it looks: longitude, latitude, zoom."""
        longitude, latitude, zoom = self._map.evaluate(CAMERA)
        return longitude, latitude, zoom

    def spot(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a place stands in the window."""
        x, y = self._map.evaluate(SPOT, [longitude, latitude])
        return x, y

    def picture(self) -> bytes:
        """Return what it looks like."""
        self.settle()
        return self.place.screenshot()
