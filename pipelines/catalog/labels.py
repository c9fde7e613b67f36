"""The labels in each catalog document, held against the ones the content has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rdflib import Graph

from pipelines import sensitivity
from pipelines.catalog import facts, marks, names, stac
from pipelines.catalog.facts import Told
from pipelines.model import Artifact, Finding, Input, Json, Labels


def assessed(labels: Labels | None) -> tuple[Finding, ...]:
    """Return why data so labelled may be in no catalog at all."""
    if labels is None or labels.sensitivity not in names.ORDER:
        return (_finding("labels.missing", "The data have no label.", "sensitivity"),)
    found = []
    if labels.sovereignty is None:
        found.append(_finding("labels.not_assessed", "Sovereignty has not been assessed.", "sovereignty"))
    if (labels.sensitivity == "generalized") is not (labels.generalization is not None):
        wrong = "What is generalized says how, and nothing else does."
        found.append(_finding("labels.generalization", wrong, "generalization"))
    if labels.sensitivity == "quarantine":
        found.append(_finding("labels.quarantine", "Data in quarantine are never catalogued.", "sensitivity"))
    return tuple(found)


def of(labels: Labels, label: str) -> Labels:
    """Return how bytes of a run are marked that have a label of their own."""
    if label == labels.sensitivity:
        return labels
    return replace(labels, sensitivity=label, generalization=None)


def in_item(item: Json, labels: Labels) -> tuple[Finding, ...]:
    """Return where an Item says another label; an asset is never looser than its Item."""
    return tuple(_in_item(item, labels))


def in_dataset(read: Graph, labels: Labels, *, inputs: Sequence[Input] = ()) -> tuple[Finding, ...]:
    """Return where a dataset says another label, or gives access that does not follow from it."""
    return tuple(_in_dataset(read, labels, inputs))


def in_attempt(
    read: Graph, labels: Labels, *, bytes_: Iterable[Artifact | Input] = ()
) -> tuple[Finding, ...]:
    """Return which activity or entity of an attempt says another label; bytes may have their own."""
    return tuple(_in_attempt(read, labels, _strictest(bytes_)))


def _strictest(bytes_: Iterable[Artifact | Input]) -> Mapping[str, str]:
    """Return the label of bytes by their name in PROV; of two for the same digest, the stricter."""
    held: dict[str, str] = {}
    for one in bytes_:
        name = names.bytes_id(one.sha256)
        held[name] = sensitivity.strictest([one.label, held.get(name, one.label)])
    return held


def own(sha256: str, labels: Labels, *, artifacts: Sequence[Artifact], inputs: Sequence[Input]) -> Labels:
    """Return how the bytes of that digest are marked in a run; the stricter where they are several things."""
    marked: list[Artifact | Input] = [*artifacts, *inputs]
    held = [one.label for one in marked if one.sha256 == sha256]
    return of(labels, sensitivity.strictest(held)) if held else labels


def _in_item(item: Json, labels: Labels) -> Iterator[Finding]:
    about, *assets = facts.of_item(item)
    yield from _same(about, labels)
    for told in assets:
        yield from _same(told, labels)
        if sensitivity.rank(told.said["sensitivity"]) < sensitivity.rank(about.said["sensitivity"]):
            yield _finding("labels.looser", "An asset is looser than its Item.", told.where)
    for name, asset in item["assets"].items():
        if asset.get(marks.AUTHORISATION) != marks.authorisation(labels).get(marks.AUTHORISATION):
            wrong = "It does not say what clearance its bytes take, or says one that they do not."
            yield _finding("labels.authorisation", wrong, f"stac:assets.{name}")


def _in_dataset(read: Graph, labels: Labels, inputs: Sequence[Input]) -> Iterator[Finding]:
    stricter = {names.bytes_id(one.sha256): one.label for one in hidden(inputs, labels)}
    for told in facts.of_dataset(read):
        if told.kind == "source":
            label = stricter.pop(told.where.removeprefix("dcat:"), "")
            if not label or told.said["sensitivity"] != label or told.access != _access(label):
                wrong = "A source is not the one that was generalised, or is not as closed as its label."
                yield _finding("labels.source", wrong, told.where)
            continue
        yield from _same(told, labels)
        if told.access != _access(labels.sensitivity):
            yield _finding("labels.access", "The access right does not follow from the label.", told.where)
    for name in stricter:
        yield _finding("labels.source", "The dataset does not say what it is derived from.", f"dcat:{name}")


def hidden(inputs: Sequence[Input], labels: Labels) -> tuple[Input, ...]:
    """Return the inputs that are stricter than what was made of them."""
    floor = sensitivity.rank(labels.sensitivity)
    return tuple(one for one in inputs if sensitivity.rank(one.label) > floor)


def exact(
    listed: Iterable[str], *, inputs: Sequence[Input], labels: Labels, where: str
) -> tuple[Finding, ...]:
    """Return which listed digests are bytes that may not be listed: those that were generalised."""
    closed = {one.sha256 for one in hidden(inputs, labels)}
    wrong = "It lists the exact bytes from which this was generalised."
    return tuple(_finding("labels.exact", wrong, where) for sha256 in sorted(closed & set(listed)) if sha256)


def of_artifacts(
    artifacts: Sequence[Artifact], *, inputs: Sequence[Input], labels: Labels
) -> tuple[Finding, ...]:
    """Return which bytes of a run are labelled looser than what they are made of."""
    found = []
    for one in artifacts:
        want = artifact(one.role, labels=labels, inputs=inputs)
        if one.label != want:
            wrong = f"It is labelled {one.label}, and ought to be {want}."
            found.append(_finding("labels.artifact", wrong, f"artifact:{one.role}"))
    return tuple(found)


def artifact(role: str, *, labels: Labels, inputs: Sequence[Input]) -> str:
    """Return the label of bytes by what they are for: what shows inputs as read is as strict as these."""
    if role == "generalized-preview":
        return sensitivity.Sensitivity.GENERALIZED
    if role in OF_INPUTS:
        return sensitivity.strictest([labels.sensitivity, *(one.label for one in inputs)])
    return labels.sensitivity


# What may show or count the inputs themselves: a receipt's rows would give away what was suppressed.
OF_INPUTS = ("input-preview", "log-tail", "receipt")


def _in_attempt(read: Graph, labels: Labels, held: Mapping[str, str]) -> Iterator[Finding]:
    for told in facts.of_attempt(read):
        name = told.where.removeprefix("prov:")
        yield from _same(told, of(labels, held.get(name, labels.sensitivity)))


def _same(told: Told, labels: Labels) -> Iterator[Finding]:
    wanted = facts.plain(labels)
    for rule, want in wanted.items():
        if told.said[rule] != want:
            wrong = f"It says {_worded(told.said[rule])} where the content says {_worded(want)}."
            yield _finding(f"labels.{rule}", wrong, told.where)


def _access(label: str) -> tuple[str, ...]:
    return (names.ACCESS_RIGHTS[label],)


def _worded(told: object) -> str:
    return "nothing" if told is None else repr(told)


def _finding(rule: str, message: str, where: str) -> Finding:
    remedy = (
        "Label the family, then run again." if where in {"sensitivity", "sovereignty"} else stac.MAKE_AGAIN
    )
    return Finding(rule=rule, message=message, remedy=remedy, where=where)
