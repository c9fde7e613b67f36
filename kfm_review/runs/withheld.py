"""What of a run is withheld from whom, by its manifest's labels, or its family's while there is none."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import IntEnum

from django.db.models import BooleanField, Case, Exists, F, Func, JSONField, OuterRef, Q, Value, When

from kfm_review.accounts.roles import ALL_FAMILIES
from kfm_review.people import clearance
from kfm_review.people.clearance import NOTHING_KNOWN, OPEN, STRICTEST, Marked
from kfm_review.people.queries import Viewer
from kfm_review.runs.models import Artifact, Asset, Manifest, Run
from pipelines import spec

ASSESSED = '$.labels.sovereignty.type() ? (@ == "array")'
OTHERS = "$.labels.sovereignty[*] ? (!(@.authority == $mine[*]) || (@.authority == $mine[*]) is unknown)"
ANYBODY = Viewer(id=0, name="", roles=frozenset(), labels=frozenset(OPEN))
GENERALIZED = "generalized-"  # roles of artifacts that were made for everybody begin so
STRICTER = "$.artifacts[*] ? (@.sha256 == $sha && !(@.label == $mine[*]))"
OF_LABEL = ("public", "generalized", "restricted")  # of what is stricter, not even the outline of places
OPEN_BYTES = (
    '$.artifacts[*] ? (@.sha256 == $sha && @.role starts with "generalized-"'
    ' && (@.label == "public" || @.label == "generalized"))'
)


class Sight(IntEnum):
    """How much of a run somebody sees."""

    OUTLINE = 0  # that it is there, what its gates came to, and the generalized map
    FIGURES = 1  # cleared: what was measured and counted, what people wrote
    EXACT = 2  # cleared, and the exact geometry revealed: everything


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


def sight(of: Marked, viewer: Viewer, *, manifest: str | None) -> Sight:
    """Return how much a person sees of what is marked so; the manifest is what he had revealed."""
    if not viewer.sees(of):
        return Sight.OUTLINE
    return Sight.EXACT if not of.guarded or manifest in viewer.revealed else Sight.FIGURES


def is_open(artifact: Artifact) -> bool:
    """Answer whether an artifact was made for everybody, though the rest of its manifest was not."""
    manifest = artifact.manifest
    of, listed = marked(manifest), manifest.body.get("artifacts") or ()
    own = [one.get("label") for one in listed if one.get("sha256") == artifact.sha256]
    general = artifact.role.startswith(GENERALIZED) and bool(own) and set(own) <= set(OPEN)
    return general and of.label in OF_LABEL and of.authorities is not None


def is_map(artifact: Artifact) -> bool:
    """Answer whether an artifact is the map that everybody sees first."""
    return artifact.role == f"{GENERALIZED}preview" and is_open(artifact)


def opened(sha256: str) -> Q:
    """Return what holds of artifacts that were made for everybody, with these bytes."""
    manifest = Q(manifest__label__in=OF_LABEL) & Q(_path("manifest__body", ASSESSED, {}))
    listed = Q(_path("manifest__body", OPEN_BYTES, {"sha": sha256}))
    return Q(role__startswith=GENERALIZED) & manifest & listed


def cleared(sha256: str, viewer: Viewer) -> Q:
    """Return what holds of artifacts with these bytes if none is stricter than a person is cleared for."""
    held: dict[str, str | list[str]] = {"sha": sha256, "mine": sorted(viewer.labels)}
    return ~Q(_path("manifest__body", STRICTER, held))


def seen(viewer: Viewer, *, at: str = "") -> Q:
    """Return what holds of manifests (reached over `at`) that a person is cleared for."""
    body = f"{at}body"
    assessed, others = _path(body, ASSESSED, {}), _path(body, OTHERS, {"mine": sorted(viewer.authorities)})
    if STRICTEST in viewer.labels:
        return ~Q(assessed) | ~Q(others)
    return Q(**{f"{at}label__in": sorted(viewer.labels)}) & Q(assessed) & ~Q(others)


def exact(viewer: Viewer, *, at: str = "") -> Q:
    """Return what holds of manifests whose every byte a person may have now."""
    revealed = Q(**{f"{at}digest__in": sorted(viewer.revealed)}) & seen(viewer, at=at)
    return seen(ANYBODY, at=at) | revealed if viewer.revealed else seen(ANYBODY, at=at)


def seen_run(viewer: Viewer) -> Q:
    """Return what holds of runs that a person is cleared for, made or not."""
    shown = {name for name in spec.names() if viewer.sees(declared(name))}
    unmade = Q(manifest=None, asset__family__in=sorted(shown))
    return unmade | (Q(manifest__isnull=False) & seen(viewer, at="manifest__"))


def sees_asset(asset: Asset, *, viewer: Viewer) -> bool:
    """Answer whether a person is cleared for all there is of an asset, and for what its family declares."""
    made = Manifest.objects.alias(is_cleared=whether(seen(viewer))).filter(asset=asset, is_cleared=False)
    return viewer.sees(declared(asset.family)) and not made.exists()


def known(viewer: Viewer, *, cleared: Q, family: str) -> Q:
    """Return what holds of rows that a person may know of, cleared for them or not."""
    if ALL_FAMILIES in viewer.families:
        return Q()
    return cleared | Q(**{f"{family}__in": sorted(viewer.families)})


def known_assets(viewer: Viewer) -> Q:
    """Return what holds of assets that a person may know of: elsewhere, those with nothing guarded."""
    if ALL_FAMILIES in viewer.families:
        return Q()
    guarded = Manifest.objects.alias(is_seen=whether(seen(viewer))).filter(is_seen=False)
    hidden = Q(Exists(guarded.filter(asset=OuterRef("pk"))))
    shown = [name for name in spec.names() if viewer.sees(declared(name))]
    return Q(family__in=sorted(viewer.families)) | (Q(family__in=shown) & ~hidden)


def whether(condition: Q) -> Case:
    """Return an annotation that says of each row whether something holds."""
    return Case(
        When(condition, then=Value(value=True)), default=Value(value=False), output_field=BooleanField()
    )


def _path(body: str, path: str, given: Mapping[str, str | list[str]]) -> Func:
    """Ask a manifest's document whether anything in it lies on a path."""
    return Func(
        F(body),
        Value(path),
        Value(dict(given), output_field=JSONField()),
        function="jsonb_path_exists",
        output_field=BooleanField(),
    )
