"""Triggers by which the database keeps what was written: rows freeze, statuses move by a table."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import pgtrigger

Status = TypeVar("Status", bound=StrEnum)

REFUSE = "RAISE EXCEPTION '% is append-only: % is refused; write a new row instead.', TG_TABLE_NAME, TG_OP;"


def append_only() -> tuple[pgtrigger.Trigger, ...]:
    """Return the triggers under which a row, once written, stays as it is."""
    return (
        pgtrigger.Trigger(
            name="append_only",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=REFUSE,
        ),
        pgtrigger.Trigger(
            name="never_emptied",
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            func=REFUSE,
        ),
    )


def lasting() -> tuple[pgtrigger.Trigger, ...]:
    """Return the triggers under which a row may move, but never goes away."""
    return (
        pgtrigger.Trigger(
            name="never_deleted", when=pgtrigger.Before, operation=pgtrigger.Delete, func=REFUSE
        ),
        pgtrigger.Trigger(
            name="never_emptied",
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            func=REFUSE,
        ),
    )


def fixed(*fields: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses to change these fields once they are written."""
    return pgtrigger.ReadOnly(name="fixed", fields=list(fields))


def written_once(first: str, *others: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses to change these fields once the first of them is known."""
    return pgtrigger.Trigger(
        name="written_once",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange(first, *others),
        func=pgtrigger.Func(  # type: ignore[no-untyped-call]  # the package leaves it untyped
            "IF OLD.{columns." + first + "} IS NOT NULL THEN"
            " RAISE EXCEPTION 'How a row of % ended was written once and stays.', TG_TABLE_NAME;"
            " END IF; RETURN NEW;"
        ),
    )


def moves(table: Mapping[Status, Iterable[Status]]) -> pgtrigger.Trigger:
    """Return the trigger that lets a status move only as its table says."""
    pairs = sorted((str(here), str(there)) for here, targets in table.items() for there in targets)
    return pgtrigger.FSM(name="moves", field="status", transitions=pairs)
