"""Gate: every feature is in some tile of the deepest zoom. Score: the share that is."""

from math import isnan

from pipelines import policy
from pipelines.formats import archive
from pipelines.model import Finding, GateResult, Outcome, Phase, Role
from pipelines.subject import Subject

_REMEDY = "Cut the tiles again; if features are dropped again, cut them one zoom deeper."
_NAMED = 20


def check(subject: Subject) -> GateResult:
    """FAIL on a feature that no tile shows, or that only tiles show; read back without the tiler."""
    made, numbers = subject.product, policy.numbers("tiles")
    cut = archive.read(subject.store.read(made.artifact(Role.TILES).sha256))
    shown = cut.texts(layer=subject.output.layer, name=subject.output.key)
    wanted = {str(key) for key in made.frame[subject.output.key].tolist() if not _missing(key)}
    lost, strange = sorted(wanted - shown), sorted(shown - wanted)
    shallow = bool(wanted) and cut.deepest < numbers["deepest_zoom_min"]
    findings = [_lost(key) for key in lost[:_NAMED]]
    if len(lost) > _NAMED:
        findings.append(_finding("tiles.lost", f"{len(lost):,} features in all are in no tile."))
    if strange:
        findings.append(
            _finding("tiles.strange", f"{len(strange):,} keys stand in the tiles alone.", strange[0])
        )
    if shallow:
        findings.append(_finding("tiles.shallow", f"The deepest zoom is {cut.deepest} only."))
    return GateResult(
        gate="tiles",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{len(wanted) - len(lost):,} of {len(wanted):,} features in tiles of zoom {cut.deepest}",
        limit=f"every feature, at zoom {numbers['deepest_zoom_min']} or deeper",
        value=float(len(lost)),
        bound=0.0,
        score=0.0 if strange or shallow else 1 - len(lost) / max(len(wanted), 1),
        evidence="artifact:tiles",
        remedy=_REMEDY if findings else "",
        findings=tuple(findings),
    )


def _missing(key: object) -> bool:
    return key is None or key == "" or (isinstance(key, float) and isnan(key))


def _lost(key: str) -> Finding:
    return _finding("tiles.lost", f"{key} is in no tile of the deepest zoom.", key)


def _finding(rule: str, message: str, where: str = "") -> Finding:
    return Finding(rule=rule, message=message, remedy=_REMEDY, where=where)
