"""The words both halves share: outcomes, findings, artifacts, content, jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pipelines.sensitivity import Labels as Labels  # noqa: PLC0414  # the word stands among these
from pipelines.sensitivity import Sensitivity

Json = dict[str, Any]

NO_BASE = "none"
FINDINGS_AT_MOST = 100  # that a manifest lists of one gate; one more then says how many there are in all


class Outcome(StrEnum):
    PASS = "PASS"  # noqa: S105  # an outcome, not a password
    REVIEW = "REVIEW"
    FAIL = "FAIL"
    ERROR = "ERROR"
    NOT_RUN = "NOT_RUN"


_ORDER = (Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.ERROR)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of `outcomes`; nothing at all, or nothing that ran, is an ERROR."""
    ran = [outcome for outcome in outcomes if outcome is not Outcome.NOT_RUN]
    return max(ran, key=_ORDER.index, default=Outcome.ERROR)


class Phase(StrEnum):
    BEFORE = "before"
    AFTER = "after"
    POLICY = "policy"
    SCORE = "score"
    CLOSING = "closing"


class Role(StrEnum):
    """What an artifact is for."""

    DATA = "data"
    TILES = "tiles"
    DIFF = "diff"
    CHANGES = "changes"
    PAGES = "pages"
    CHANGE_TILES = "change-tiles"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"
    INPUT_PREVIEW = "input-preview"
    LOG_TAIL = "log-tail"
    JUDGEMENT = "judgement"
    RECEIPT = "receipt"
    GENERALIZED_PREVIEW = "generalized-preview"


# What `content_digest` names and STAC and DCAT list: the data themselves, not what was said about a base.
CONTENT_ROLES = (Role.DATA, Role.TILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a gate noticed; `where` is a feature key, a column or a path."""

    rule: str
    message: str
    remedy: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What one gate said: measured against its limit, in words and as numbers."""

    gate: str
    phase: Phase
    outcome: Outcome
    measured: str
    limit: str
    value: float | None = None
    bound: float | None = None
    score: float | None = None
    evidence: str = ""
    remedy: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """Bytes by digest; `label` says who may see these bytes, as strict as can be until it is said."""

    role: str
    media_type: str
    sha256: str
    size: int
    label: str = Sensitivity.QUARANTINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input, pinned: `source` is a sample's path, a URI or `upload`; `label` says who may see it."""

    name: str
    sha256: str
    size: int
    media_type: str
    source: str
    label: str = Sensitivity.QUARANTINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    spdx: str
    attribution: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """A box in WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time the data speak of, as RFC 3339 UTC texts; from the edition, never from a clock."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    type: str  # string, number, integer, boolean, geometry
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a raster: what its numbers are, and what they come to where there is a value."""

    name: str
    description: str
    data_type: str  # as STAC names it: int16, float32
    nodata: float | None
    unit: str
    minimum: float
    maximum: float
    mean: float
    valid_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterContent:
    """The cells of a raster: rows and columns, and the affine transform to its system, row by row."""

    shape: tuple[int, int]
    transform: tuple[float, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerContent:
    """One materialised layer as the catalogs describe it; `rows` of a raster are cells with a value."""

    layer: str
    kind: str
    key: str
    crs: str
    rows: int
    extent: Extent
    geometry_types: tuple[str, ...]
    columns: tuple[Column, ...]
    raster: RasterContent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What came out of the steps, all that STAC and DCAT are made of; nothing a clock or a host knows."""

    asset: str
    family: str
    partition: str | None
    edition: str
    channel: str
    title: str
    description: str
    keywords: tuple[str, ...]
    licence: Licence
    owner: str
    contact: str
    period: Period
    labels: Labels
    inputs: tuple[Input, ...]
    artifacts: tuple[Artifact, ...]
    layers: tuple[LayerContent, ...]
    spec_hash: str
    content_digest: str


class DiffState(StrEnum):
    COMPARED = "compared"
    FIRST = "first"
    FAILED = "failed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSummary:
    """What the manifest says of the comparison; counts are None where nothing was compared."""

    state: DiffState
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    moved: int | None = None
    decimals_only: int | None = None
    before_rows: int | None = None
    after_rows: int | None = None
    artifact: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    value: float
    threshold: float
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTerms:
    """Who must look, and whether approval publishes at once."""

    approvals: int
    roles: tuple[str, ...]
    promote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run ended without its gates' word."""

    kind: str
    message: str
    log_tail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt asked of a worker."""

    run: str
    attempt: int
    secret: str
    asset: str
    family: str
    partition: str | None
    edition: str
    base: str
    channel: str
    pool: str
    uploads: Mapping[str, str]
    requested_by: str
    author: str
    requested_at: str
    why: str

    def to_json(self) -> Json:
        """Return the message's body."""
        return {**asdict(self), "uploads": dict(self.uploads)}

    @classmethod
    def from_json(cls, body: Json) -> "Job":
        """Return the job that a message asks for."""
        return cls(**{**body, "uploads": dict(body["uploads"])})
