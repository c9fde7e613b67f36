"""Families read from their folders, judged and hashed, without any geodata library."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import inf
from pathlib import Path

from pipelines import declaration, digest
from pipelines.errors import FamilyUnknown
from pipelines.family import (
    Cells,
    Edition,
    Family,
    Gates,
    Joined,
    Output,
    Partitions,
    Place,
    Points,
    Quality,
    Reference,
    Resources,
    Shapes,
    Source,
)
from pipelines.model import Column, Json, Labels, Licence, ReviewTerms

FAMILIES = Path(__file__).parent / "families"
NOT_HASHED = ("samples", "README.md")
DEEPEST_ZOOM = 12  # about 2 m in Kansas


def names(root: Path = FAMILIES) -> tuple[str, ...]:
    """Return the name of every folder that declares a family."""
    return tuple(sorted(file.parent.name for file in root.glob(f"*/{declaration.FILE}")))


def families() -> tuple[Family, ...]:
    """Return every family, by name."""
    return tuple(family(name) for name in names())


def family(name: str, root: Path = FAMILIES) -> Family:
    """Return one family, read again only when a file of its folder changed.

    Raises:
        FamilyUnknown: there is no such folder.
        FamilyInvalid: its files have mistakes: file, path, what is wrong, what is allowed.
    """
    if name not in names(root):
        raise FamilyUnknown(f"There is no family {name[:80]!r}: choose one of {', '.join(names(root))}.")
    folder = root / name
    return _family(folder, digest.of_folder(folder, leave_out=NOT_HASHED))


@lru_cache(maxsize=64)
def _family(folder: Path, hashed: str) -> Family:
    declared = declaration.read(folder)
    read = declared.pipeline
    return Family(
        name=read["family"],
        title=read["title"],
        description=" ".join(read["description"].split()),
        owner=read["owner"],
        contact=read["contact"],
        keywords=tuple(read["keywords"]),
        licence=Licence(**read["licence"]),
        inputs=tuple(_source(source, declared.tables) for source in read["inputs"]),
        editions=tuple(
            Edition(**{"synthetic": False, "note": "", "partition": None, **edition})
            for edition in read["editions"]
        ),
        partitions=Partitions(
            kind=read["partitions"]["kind"],
            values=tuple(read["partitions"].get("values", ())),
            first=read["partitions"].get("first", ""),
        ),
        pool=read["pool"],
        resources=Resources(**read["resources"]),
        outputs=tuple(_output(output, declared.tables) for output in read["outputs"]),
        gates=Gates(**{phase: tuple(listed) for phase, listed in read["gates"].items()}),
        expectations=declared.expectations,
        quality=Quality(**read["quality"]),
        labels=Labels.from_json(read["labels"]),
        shown_by=read.get("shown_by", ""),
        review=ReviewTerms(**{**read["review"], "roles": tuple(read["review"]["roles"])}),
        digest=hashed,
        folder=folder,
    )


def _source(read: Json, tables: Mapping[str, Json]) -> Source:
    reference = read.get("reference")
    return Source(
        name=read["name"],
        uri=read["uri"],
        media_type=read["media_type"],
        max_bytes=read["max_bytes"],
        key=_several(read.get("key", ())),
        title=read.get("title", ""),
        place=next(make(read[name]) for name, make in _PLACES.items() if name in read),
        schema=tables[declaration.input_schema(read["name"])],
        reference=None if reference is None else Reference(**reference),
        label=read.get("label"),
    )


def _joined(read: Json) -> Joined:
    return Joined(input=read["input"], column=_several(read["column"]), to=read["to"])


_PLACES: Mapping[str, Callable[[Json], Place]] = {
    "points": lambda read: Points(**read),
    "shapes": lambda read: Shapes(**read),
    "joined": _joined,
    "cells": lambda read: Cells(**read),
}


def _several(named: str | Sequence[str]) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else tuple(named)


def _output(read: Json, tables: Mapping[str, Json]) -> Output:
    properties: Json = tables[declaration.layer_schema(read["layer"])]["properties"]
    columns = tuple(
        Column(name=name, type=_plain(column["type"]), description=column["description"])
        for name, column in properties.items()
    )
    return Output(
        layer=read["layer"],
        kind=read["kind"],
        key=read.get("key", ""),
        title=read.get("title", ""),
        formats=tuple(read["formats"]),
        moved_over_m=read.get("moved_over_m", inf),
        composed_of=tuple(read.get("composed_of", ())),
        shade=read.get("shade", ""),
        deepest_zoom=read.get("deepest_zoom", DEEPEST_ZOOM),
        columns=columns,
    )


def _plain(kind: str | list[str]) -> str:
    return kind if isinstance(kind, str) else next(one for one in kind if one != "null")
