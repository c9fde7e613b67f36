"""Thrift's compact protocol read just far enough: numbers, structs and lists, all else passed over."""

from typing import Any

_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 12
_HALF, _LOW, _LONG = 4, 15, 15
_GOES_ON, _LONGEST = 0x80, 70
Fields = dict[int, Any]


class Malformed(Exception):
    """Say that bytes are not of this protocol."""


def read(view: memoryview, at: int) -> tuple[Fields, int]:
    """Return the struct that begins at a place, and where it ends.

    Raises:
        Malformed: it is cut off, or no such struct.
    """
    try:
        return _struct(view, at, 0)
    except IndexError as cause:
        raise Malformed("it is cut off") from cause


def _struct(view: memoryview, at: int, depth: int) -> tuple[Fields, int]:
    if depth > _DEEPEST:
        raise Malformed("it is nested without end")
    found: Fields = {}
    field = 0
    while True:
        head = view[at]
        at += 1
        kind, step = head & _LOW, head >> _HALF
        if kind == _STOP:
            return found, at
        if step:
            field += step
        else:
            field, at = _zigzag(view, at)
        if kind in (_TRUE, _FALSE):
            found[field] = kind == _TRUE
        else:
            found[field], at = _value(view, at, kind, depth)


def _value(view: memoryview, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in _INTEGERS:
        return _zigzag(view, at)
    if kind == _STRUCT:
        return _struct(view, at, depth + 1)
    if kind in (_LIST, _SET):
        return _list(view, at, depth)
    if kind == _BINARY:
        length, at = _varint(view, at)
        return None, _forward(view, at, length)
    if kind in (_TRUE, _FALSE, _BYTE):  # a truth has a byte of its own in a list
        return view[at], at + 1
    if kind == _DOUBLE:
        return None, _forward(view, at, 8)
    raise Malformed("it holds what is not read")


def _list(view: memoryview, at: int, depth: int) -> tuple[list[Any], int]:
    if depth > _DEEPEST:
        raise Malformed("it is nested without end")
    kind, count = view[at] & _LOW, view[at] >> _HALF
    at += 1
    if count == _LONG:
        count, at = _varint(view, at)
    found: list[Any] = []
    for _ in range(count):  # each takes a byte at least, so that the bytes bound them
        value, at = _value(view, at, kind, depth + 1)
        found.append(value)
    return found, at


def _forward(view: memoryview, at: int, length: int) -> int:
    if at + length > len(view):
        raise Malformed("it is cut off")
    return at + length


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < _LONGEST:
        byte = view[at]
        at += 1
        value |= (byte & ~_GOES_ON) << shift
        if byte < _GOES_ON:
            return value, at
        shift += 7
    raise Malformed("it holds a number without end")


def _zigzag(view: memoryview, at: int) -> tuple[int, int]:
    value, at = _varint(view, at)
    return (value >> 1) ^ -(value & 1), at
