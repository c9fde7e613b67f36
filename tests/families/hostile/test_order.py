"""The order in which rows, columns and properties are delivered never changes what is made of them."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import digest, spec
from pipelines.families import STEPS
from pipelines.formats.reading import READERS
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from tests.families.hostile import airports, counties, drought

Orders = st.integers(0, 2**32)


def _made(name: str, content: bytes) -> str:
    """Return the digest of the data that a family makes of a file."""
    family = spec.family(name)
    read: dict[str, Any] = {family.main.name: READERS[family.main.media_type](content)}
    for source in family.inputs[1:]:
        read[source.name] = READERS[source.media_type](counties.good())
    layer = STEPS[name](Inputs(sources=family.inputs, all=read))
    return digest.of(KINDS[family.output.kind].write(layer, family.output, labels=family.labels))


@lru_cache(maxsize=8)
def _as_delivered(name: str) -> str:
    good: Mapping[str, Callable[[], bytes]] = {
        airports.FAMILY: airports.good,
        counties.FAMILY: counties.good,
        drought.FAMILY: drought.good,
    }
    return _made(name, good[name]())


@given(Orders)
@settings(max_examples=8)
def test_of_rows_and_columns_of_text(order: int) -> None:
    chance = Random(order)  # noqa: S311  # an order, not a secret
    header, *rows = list(csv.reader(io.StringIO(airports.good().decode())))
    columns = chance.sample(range(len(header)), len(header))
    mixed = [header, *chance.sample(rows, len(rows))]
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([row[at] for at in columns] for row in mixed)
    assert _made(airports.FAMILY, written.getvalue().encode()) == _as_delivered(airports.FAMILY)


@given(Orders)
@settings(max_examples=4)
def test_of_features_and_properties_of_geojson(order: int) -> None:
    chance = Random(order)  # noqa: S311
    mixed = [_mixed(feature, chance) for feature in json.loads(counties.good())["features"]]
    content = json.dumps({"features": chance.sample(mixed, len(mixed)), "type": "FeatureCollection"})
    assert _made(counties.FAMILY, content.encode()) == _as_delivered(counties.FAMILY)


def _mixed(feature: Any, chance: Random) -> dict[str, Any]:
    properties = list(feature["properties"].items())
    return {**feature, "properties": dict(chance.sample(properties, len(properties)))}


@given(Orders)
@settings(max_examples=4)
def test_of_rows_and_columns_of_parquet(order: int) -> None:
    chance = Random(order)  # noqa: S311
    table = pq.read_table(io.BytesIO(drought.good()))
    mixed = table.take(pa.array(chance.sample(range(len(table)), len(table))))
    sink = io.BytesIO()
    names = chance.sample(table.column_names, len(table.column_names))
    pq.write_table(mixed.select(names), sink, row_group_size=chance.randint(1, 300))
    assert _made(drought.FAMILY, sink.getvalue()) == _as_delivered(drought.FAMILY)
