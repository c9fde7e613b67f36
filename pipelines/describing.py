"""What came out of the steps, as the catalogs tell of it: from family, inputs and the layer read back."""

from pipelines import digest, pinning
from pipelines.kinds import KINDS
from pipelines.model import Artifact, Content
from pipelines.subject import Layer, Subject


def content(subject: Subject, artifacts: tuple[Artifact, ...], *, layer: Layer, spec_hash: str) -> Content:
    """Return the content of a run; nothing in it comes from a clock, a run or a host."""
    family, output = subject.family, subject.output
    return Content(
        asset=subject.asset,
        family=family.name,
        partition=subject.partition,
        edition=subject.edition,
        channel=subject.channel,
        title=family.title,
        description=family.description,
        keywords=family.keywords,
        licence=family.licence,
        owner=family.owner,
        contact=family.contact,
        period=pinning.period(family, subject.edition, subject.partition),
        labels=family.labels,
        inputs=subject.inputs,
        artifacts=artifacts,
        layers=(KINDS[output.kind].describe(layer, output, subject.inputs_read),),
        spec_hash=spec_hash,
        content_digest=digest.of_content(artifacts, labels=family.labels),
    )
