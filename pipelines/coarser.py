"""What everybody may see of places that are not for everybody: their receipt, and a map by county."""

from dataclasses import replace

import geopandas as gpd

from pipelines import digest, generalising, preview
from pipelines.catalog import labels as catalogued
from pipelines.generalising import Area
from pipelines.inputs import Inputs
from pipelines.kinds.kind import JSON_TYPE, keep
from pipelines.model import Artifact, Role
from pipelines.subject import Layer, Subject, framed


def receipted(subject: Subject, layer: Layer) -> Subject:
    """Return the subject whose labels name the receipt of how its layer was made coarser, if it was."""
    labels, said = subject.family.labels, _receipt(subject, layer)
    if labels.generalization is None or said is None:
        return subject
    named = generalising.said(labels.generalization, receipt_digest=digest.of(said))
    family = replace(subject.family, labels=replace(labels, generalization=named))
    return replace(subject, family=family)


def kept(subject: Subject, layer: Layer) -> tuple[Artifact, ...]:
    """Keep the receipt, if there is one."""
    said = _receipt(subject, layer)
    if said is None:
        return ()
    return (keep(subject.store, said, role=Role.RECEIPT, media_type=JSON_TYPE),)


def shown(subject: Subject, layer: Layer) -> tuple[Artifact, ...]:
    """Keep the map by county that everybody may see of a layer of places that not everybody may see."""
    name = subject.family.shown_by
    if not name:
        return ()
    counted = generalising.by_county(framed(layer).geometry.to_numpy(), counties(subject.inputs_read, name))
    style = preview.style(None, before=None, after=_drawn(counted), key="key", title="name", shade="count")
    return (keep(subject.store, style, role=Role.GENERALIZED_PREVIEW, media_type=JSON_TYPE),)


def counties(inputs: Inputs, name: str) -> tuple[Area, ...]:
    """Return the counties of a reference, to count in."""
    table = inputs.table(name)
    keys, names = (table.texts(column).to_pylist() for column in ("geoid", "name"))
    rows = zip(keys, names, inputs.shapes(name), strict=True)
    return tuple(Area(key=key, name=called or key, shape=shape) for key, called, shape in rows)


def _drawn(counted: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return counts as the map shades them: what is not told has no shade."""
    told = counted["count"].astype(object)
    return counted.assign(count=told.where(counted["count"].notna(), None))


def _receipt(subject: Subject, layer: Layer) -> bytes | None:
    labels = subject.family.labels
    if labels.generalization is None:
        return None
    return generalising.receipt(
        framed(layer),
        of=replace(labels.generalization, receipt=None),
        key=subject.output.key,
        sources=catalogued.hidden(subject.inputs, labels),
        rows_in=subject.table.rows.num_rows,
    )
