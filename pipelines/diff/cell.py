"""One cell as text, and whether two such texts differ in nothing but the precision of their numbers."""

import datetime as dt
import re
from decimal import Decimal
from math import isnan

import shapely
from shapely.geometry.base import BaseGeometry

NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?")


def place(shape: BaseGeometry | None) -> str | None:
    """Return a shape as text: a point without a height as two numbers, None where there is none."""
    if isinstance(shape, shapely.Point) and not (shape.is_empty or shape.has_z or shape.has_m):
        return f"{_number(shape.x)} {_number(shape.y)}"
    return None if shape is None else shapely.to_wkt(shape, rounding_precision=-1)


def text(value: object) -> str | None:
    """Return a cell as text, None where it has no value."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return None if isnan(value) else _number(value)
        case dt.date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case _:
            return str(value)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def only_decimals(before: str | None, after: str | None) -> bool:
    """Say whether every number of the coarser text is the finer one's, rounded."""
    old, new = ((told or "").split(" ") for told in (before, after))
    if len(old) != len(new) or not all(NUMBER.fullmatch(told) for told in (*old, *new)):
        return False
    return all(_rounds(Decimal(one), Decimal(other)) for one, other in zip(old, new, strict=True))


def _rounds(old: Decimal, new: Decimal) -> bool:
    coarse = max(int(number.as_tuple().exponent) for number in (old, new))
    return abs(old - new) * 2 <= Decimal(1).scaleb(coarse)
