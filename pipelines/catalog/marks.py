"""Labels as the catalogs write them: as fields of JSON, and as terms of JSON-LD."""

from dataclasses import asdict

from pipelines import digest, sensitivity
from pipelines.model import Json, Labels

SENSITIVITY, REASON, SOVEREIGNTY = "kfm:sensitivity", "kfm:sensitivity_reason", "kfm:sovereignty"
GENERALIZATION, RIGHTS, EMBARGO = "kfm:generalization", "kfm:rights", "kfm:embargo_until"
AUTHORISATION = "kfm:authorisation"


def fields(labels: Labels) -> Json:
    """Return labels as STAC has them; what was not assessed is left out, and so is what does not apply."""
    said: Json = {SENSITIVITY: labels.sensitivity, RIGHTS: labels.rights}
    if labels.sovereignty is not None:
        said[SOVEREIGNTY] = [_claim(asdict(one)) for one in labels.sovereignty]
    if labels.sensitivity_reason:
        said[REASON] = list(labels.sensitivity_reason)
    if labels.generalization is not None:
        said[GENERALIZATION] = asdict(labels.generalization)
    if labels.embargo_until is not None:
        said[EMBARGO] = labels.embargo_until
    return said


def terms(labels: Labels) -> Json:
    """Return labels as DCAT and PROV have them: what is made of parts stands as its canonical text."""
    said = fields(labels)
    if SOVEREIGNTY in said:
        said[SOVEREIGNTY] = [text(one) for one in said[SOVEREIGNTY]]
    if GENERALIZATION in said:
        said[GENERALIZATION] = text(said[GENERALIZATION])
    return said


def authorisation(labels: Labels) -> Json:
    """Return which clearance the bytes of an asset take, as a field; none where everybody may have them."""
    if sensitivity.channel(labels.sensitivity) == "public":
        return {}
    return {AUTHORISATION: f"clearance:{labels.sensitivity}"}


def text(part: Json) -> str:
    """Return a part as the one text by which it is written and compared."""
    return digest.canonical(part).decode()


def _claim(claim: Json) -> Json:
    return {**claim, "obligations": list(claim["obligations"])}
