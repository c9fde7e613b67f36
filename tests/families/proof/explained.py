"""Why gates refuse a good edition, or ask people to look at one: what really happened at the source."""

from collections.abc import Mapping

Where = tuple[str, str, str]  # family, edition, gate

_LID = "True: the column lid came in 2022; what was released before is no edition of this schema."
REFUSALS: Mapping[Where, str] = {
    ("ks_airports", "2020-11-06 as released", "schema"): _LID,
    ("ks_airports", "2021-12-28 as released", "schema"): _LID,
    ("breweries", "2020-12-31 real", "drift"): "True: the town went into every key, so that each row is new.",
    ("breweries", "2023-12-31 real", "drift"): "True: UUIDs replaced words as keys, so that each row is new.",
}

_YEAR_2022 = "2022: 71 airports came and 74 went, 257 of 331 were written anew."
_ATLAS = "2007 to 2017: another generalisation of all outlines."
_PIECES = "2007 to 2017: where an outline touched itself, two pieces of line are gone."
_OFF = "2007 is generalised more than the reference of 2017, up to 3.1 km off it."
REVIEWS: Mapping[tuple[str, str], str] = {
    ("ks_airports", "drift.added"): _YEAR_2022,
    ("ks_airports", "drift.removed"): _YEAR_2022,
    ("ks_airports", "drift.changed"): _YEAR_2022,
    (
        "ks_airports",
        "drift.moved",
    ): "2022, 2024, 2026: places surveyed anew, or rounded to a tenth of a degree.",
    ("ks_airports", "drift.decimals_only"): "2024 and 2026: all coordinates written with other decimals.",
    (
        "ks_airports",
        "keys.reused",
    ): "2022: 19 codes were given to other airfields, up to 649 km away; 2026: 99KS.",
    ("ks_airports", "score.threshold"): _YEAR_2022,
    ("ks_counties", "drift.changed"): _ATLAS,
    ("ks_counties", "geometry.invalid"): "2007: the outline of Douglas touches itself.",
    ("ks_counties", "schema.extra"): "These files give each feature an id beside its properties.",
    ("ks_county_lines", "rows.change"): _PIECES,
    ("ks_county_lines", "drift.removed"): _PIECES,
    ("ks_county_lines", "drift.changed"): _ATLAS,
    ("ks_county_lines", "adjacency.apart"): _OFF,
    ("ks_county_lines", "adjacency.uncovered"): _OFF,
    (
        "runways",
        "drift.changed",
    ): "2022: all ends written with 14 digits for 4; 2026: 112 of 232 surveyed anew.",
    ("runways", "score.threshold"): "2022: all ends written with 14 digits for 4.",
    ("breweries", "drift.added"): "2022: how an apostrophe is spelt in keys changed, six rows are new.",
    ("breweries", "drift.removed"): "2022: how an apostrophe is spelt in keys changed, six rows are gone.",
    (
        "breweries",
        "encoding.damage",
    ): "2020 to 2024: the name Grinder’s High Noon Brewery is damaged.",
    ("breweries", "score.threshold"): "2020 and 2023: all keys were replaced, as refused above.",
    ("aquifer", "schema.extra"): "The shapefile has columns that this family does not ask for.",
}
