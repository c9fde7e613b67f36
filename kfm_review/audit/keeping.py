"""Triggers by which the database keeps what was written: rows freeze, statuses move by a table."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import pgtrigger

Status = TypeVar("Status", bound=StrEnum)

REFUSE = "RAISE EXCEPTION '% is append-only: % is refused; write a new row instead.', TG_TABLE_NAME, TG_OP;"

# Names that stand twice are counted in `json`, which keeps them; `jsonb` compares numbers as numbers.
PROVED = """
    IF NEW.leaf_hash <> encode(sha256('\\x00'::bytea || NEW.body), 'hex') THEN
        RAISE EXCEPTION 'The leaf hash of an event is not that of its body; write events with record().';
    END IF;
    said := convert_from(NEW.body, 'UTF8');
    told := said::jsonb;
    IF NEW.actor_id IS NOT NULL THEN
        SELECT username INTO named FROM accounts_user WHERE id = NEW.actor_id;
    END IF;
    IF (told ->> 'at')::timestamptz IS DISTINCT FROM NEW.at
        OR told IS DISTINCT FROM jsonb_build_object(
            'schema', 'kfm/event/1', 'at', told -> 'at', 'actor', named, 'action', NEW.action,
            'target', NEW.target, 'family', NEW.family, 'why', NEW.why, 'details', NEW.details
        )
        OR (SELECT count(*) FROM json_object_keys(said)) <> 8
    THEN
        RAISE EXCEPTION 'The columns of an event say other things than its body; write events with record().';
    END IF;
    RETURN NEW;
"""
NUMBERED = """
    IF NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM audit_leaf) THEN
        RAISE EXCEPTION 'Leaf % does not follow the last one; only the sequencer numbers events.', NEW.number;
    END IF;
    IF NOT EXISTS (
        SELECT FROM audit_event WHERE id = NEW.event_id AND leaf_hash = encode(NEW.hash, 'hex')
    ) THEN
        RAISE EXCEPTION 'Leaf % has not the hash of its event.', NEW.number;
    END IF;
    RETURN NEW;
"""
NEVER_SMALLER = """
    IF NEW.size < (SELECT coalesce(max(size), 0) FROM audit_checkpoint)
        OR NEW.size <> (SELECT coalesce(max(number) + 1, 0) FROM audit_leaf)
    THEN
        RAISE EXCEPTION 'A checkpoint of % leaves does not fit the tree that is kept.', NEW.size;
    END IF;
    RETURN NEW;
"""


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


def proved_by_its_body() -> pgtrigger.Trigger:
    """Return the trigger that refuses an event whose hash or columns say other things than its bytes."""
    return pgtrigger.Trigger(
        name="proved_by_its_body",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("said", "json"), ("told", "jsonb"), ("named", "text")],
        func=PROVED,
    )


def numbered_without_gaps() -> pgtrigger.Trigger:
    """Return the trigger under which each leaf follows the last one and has the hash of its event."""
    return pgtrigger.Trigger(
        name="numbered_without_gaps", when=pgtrigger.Before, operation=pgtrigger.Insert, func=NUMBERED
    )


def never_smaller() -> pgtrigger.Trigger:
    """Return the trigger under which a checkpoint covers every leaf, and no fewer than the last one."""
    return pgtrigger.Trigger(
        name="never_smaller", when=pgtrigger.Before, operation=pgtrigger.Insert, func=NEVER_SMALLER
    )
