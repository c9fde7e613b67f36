"""Where on the map the features of a large diff are, as columns: one mark for each that has a place."""

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.diff.cells import KINDS
from pipelines.diff.rows import SHOWN, Rows, words


def of(rows: Rows) -> pa.Table:
    """Return kind, key, title, decimals_only, lon and lat of each: where it is or, if removed, was."""
    parts = []
    for batch in rows.batches(columns=(rows.key, rows.title)):
        about = batch.about
        parts.append(
            pa.table(
                {
                    "kind": words(about["shown"], kinds=KINDS),
                    "key": about["key"],
                    "title": batch.titles(),
                    "decimals_only": pc.equal(about["shown"], SHOWN.index("precision")),
                    "lon": pc.coalesce(about["x1"], about["x0"]),
                    "lat": pc.coalesce(about["y1"], about["y0"]),
                }
            )
        )
    made = pa.concat_tables(parts)
    return made.filter(pc.is_valid(made["lon"]))
