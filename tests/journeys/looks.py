"""What a page must be for every eye: whole, inside its window, free of what axe calls serious."""

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = Path(os.environ.get("KFM_SHOTS", ROOT / "var" / "shots"))
GRAVE = ("serious", "critical")
COLOURS = ("color-contrast", "link-in-text-block")
ASK_AXE = """
(rules) => {
  const all = document.querySelector("dialog[open]") ?? document; // what lies below it cannot be reached
  return axe.run(all, { resultTypes: ["violations"], ...(rules.length ? { runOnly: rules } : {}) });
}
"""
STILL = """
() => {
  const ends = (move) => move.effect.getComputedTiming().endTime !== Infinity;
  const moves = document.getAnimations().filter(ends).map((move) => move.finished);
  return Promise.allSettled([document.fonts.ready, ...moves]).then(() => true);
}
"""
TOO_TALL = "() => document.documentElement.scrollHeight > Math.max(innerHeight, document.body.scrollHeight)"
TOO_WIDE = """
() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const all = [...document.querySelectorAll("body *")];
  const wide = all.filter((one) => one.getBoundingClientRect().right > room + 1);
  return wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 160));
}
"""


def settled(page: Page) -> None:
    """Wait until nothing is read or moves any more, and every map is drawn or says why not."""
    page.wait_for_load_state("networkidle")
    for drawn in page.get_by_role("application").all():
        expect(drawn).not_to_have_attribute("data-state", "reading")
    page.evaluate(STILL)


def faults(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return what is wrong with a page for anybody; after a change of colours only they are looked at."""
    if colours_only:
        return _barriers(page, rules=COLOURS)
    return [*_overflow(page), *_barriers(page, rules=())]


def keep_picture(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep what the page looks like as output of the suite."""
    settled(page)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


def _overflow(page: Page) -> list[str]:
    """Return what stands wider than the window, if the page can be moved sideways, and emptiness below it."""
    found: list[str] = page.evaluate(TOO_WIDE)
    empty = ["below its end the page goes on with nothing"] if page.evaluate(TOO_TALL) else []
    return [*(f"wider than the window: {markup}" for markup in found), *empty]


def _barriers(page: Page, *, rules: tuple[str, ...]) -> list[str]:
    """Return what axe finds that keeps people out, by all of its rules or by some."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(ASK_AXE, rules)
    return [
        f"{violation['id']} ({violation['impact']}): {violation['nodes'][0]['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in GRAVE
    ]
