"""What came out of the steps, as the catalogs tell of it: from family, inputs and the layer read back."""

from pipelines import asking, digest, pinning
from pipelines.errors import Stopped
from pipelines.kinds import KINDS
from pipelines.kinds.kind import keep
from pipelines.model import Artifact, Content, Role
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


def judgement(subject: Subject) -> tuple[Artifact, ...]:
    """Keep what policy was asked and what it said, so that another policy can be asked the same."""
    try:
        content = asking.kept(*asking.judge(subject))
    except Stopped:  # the gate has said so, as an ERROR
        return ()
    return (keep(subject.store, content, role=Role.JUDGEMENT, media_type="application/json"),)
