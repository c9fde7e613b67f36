"""What of a run is withheld from whom, by its manifest's labels, or its family's while there is none."""

from dataclasses import asdict

from django.db.models import BooleanField, F, Func, JSONField, Q, Value

from kfm_review.people import clearance
from kfm_review.people.clearance import NOTHING_KNOWN, STRICTEST, Marked
from kfm_review.people.queries import Viewer
from kfm_review.runs.models import Manifest, Run
from pipelines import spec

ASSESSED = '$.labels.sovereignty.type() ? (@ == "array")'
OTHERS = "$.labels.sovereignty[*] ? (!(@.authority == $mine[*]) || (@.authority == $mine[*]) is unknown)"
ALL_FAMILIES = ""
OPEN_ROLES = frozenset({"generalized-preview", "generalized-data", "generalized-tiles"})


def marked(manifest: Manifest) -> Marked:
    """Return how a manifest is marked: the row's label, and the authorities its document names."""
    told = manifest.body.get("labels") or {}
    return clearance.marked({**told, "sensitivity": manifest.label})


def marked_run(run: Run) -> Marked:
    """Return how a run is marked: by what it made, or else by what its family declares."""
    return marked(run.manifest) if run.manifest else declared(run.asset.family)


def declared(family: str) -> Marked:
    """Return how a family marks what it makes; of one that is gone, nothing is known."""
    return clearance.marked(asdict(spec.family(family).labels)) if family in spec.names() else NOTHING_KNOWN


def exact(manifest: Manifest, viewer: Viewer) -> bool:
    """Answer whether a person may have exact bytes: cleared, and, where guarded, revealed to him just now."""
    of = marked(manifest)
    return viewer.sees(of) and (not of.guarded or manifest.pk in viewer.revealed)


def seen(viewer: Viewer, *, at: str = "") -> Q:
    """Return what holds of manifests (reached over `at`) that a person is cleared for."""
    body = f"{at}body"
    assessed, others = _path(body, ASSESSED, {}), _path(body, OTHERS, {"mine": sorted(viewer.authorities)})
    if STRICTEST in viewer.labels:
        return ~Q(assessed) | ~Q(others)
    return Q(**{f"{at}label__in": sorted(viewer.labels)}) & Q(assessed) & ~Q(others)


def seen_run(viewer: Viewer) -> Q:
    """Return what holds of runs that a person is cleared for, made or not."""
    hidden = [name for name in spec.names() if not viewer.sees(declared(name))]
    unmade = Q(manifest=None, asset__family__in=set(spec.names()) - set(hidden))
    return unmade | (Q(manifest__isnull=False) & seen(viewer, at="manifest__"))


def known(viewer: Viewer, *, cleared: Q, family: str) -> Q:
    """Return what holds of rows that a person may know of, cleared for them or not."""
    if ALL_FAMILIES in viewer.families:
        return Q()
    return cleared | Q(**{f"{family}__in": sorted(viewer.families)})


def _path(body: str, path: str, given: dict[str, list[str]]) -> Func:
    """Ask a manifest's document whether anything in it lies on a path."""
    return Func(
        F(body),
        Value(path),
        Value(given, output_field=JSONField()),
        function="jsonb_path_exists",
        output_field=BooleanField(),
    )
