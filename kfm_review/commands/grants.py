"""Which database role may do what to which table: one table, and the statements that bring it about.

Whoever inserts reads the key that was given; whoever locks a row may change at least one column of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

WEB, CONTROL, PROMOTER = "kfm_web", "kfm_control", "kfm_promoter"
ROLES = (WEB, CONTROL, PROMOTER)
EVERY: tuple[str, ...] = ()  # every column


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What one role may do to one table; what is not named it may not."""

    select: tuple[str, ...] | None = EVERY
    insert: bool = False
    update: tuple[str, ...] | None = None
    delete: bool = False
    born: str = "true"  # what must hold of a row it inserts
    left: str = "true"  # what must hold of a row it has changed


READS = May()
WRITES_ONCE = May(insert=True)
POSTS = May(select=("id",), insert=True)  # the bodies hold the secrets of attempts
LOCKS = May(update=("title",))
NOBODY: Mapping[str, May] = {}
ALL_READ: Mapping[str, May] = dict.fromkeys(ROLES, READS)
SEQUENCED: Mapping[str, May] = {**ALL_READ, CONTROL: WRITES_ONCE}  # the sequencer is one of control's loops

TABLES: dict[str, Mapping[str, May]] = {
    "accounts_user": {**ALL_READ, WEB: May(insert=True, update=("password", "is_active"))},
    "accounts_rolegrant": {**ALL_READ, WEB: May(insert=True, update=("ended_at", "ended_by_id"))},
    "accounts_clearance": {WEB: May(insert=True, update=("ended_at",))},
    "accounts_signin": {WEB: May(insert=True, update=("ok", "counted"))},
    "audit_event": {WEB: WRITES_ONCE, CONTROL: WRITES_ONCE, PROMOTER: WRITES_ONCE},
    "audit_leaf": SEQUENCED,
    "audit_tile": SEQUENCED,
    "audit_checkpoint": SEQUENCED,
    "audit_cosignature": SEQUENCED,
    "audit_conflict": SEQUENCED,
    "outbox_message": {
        WEB: POSTS,
        CONTROL: May(insert=True, update=("sent_at", "due_at", "tries", "error")),
        PROMOTER: POSTS,
    },
    "outbox_pulse": {
        WEB: READS,
        CONTROL: May(insert=True, update=("answered_at", "token")),
        PROMOTER: May(insert=True, update=("answered_at", "token")),
    },
    "runs_asset": {WEB: May(insert=True, update=("title",)), CONTROL: LOCKS, PROMOTER: LOCKS},
    "runs_upload": {WEB: WRITES_ONCE},
    "runs_manifest": {**ALL_READ, CONTROL: WRITES_ONCE},
    "runs_artifact": {**ALL_READ, CONTROL: WRITES_ONCE},
    "runs_document": {**ALL_READ, CONTROL: WRITES_ONCE},
    "runs_gateresult": {**ALL_READ, CONTROL: WRITES_ONCE},
    "runs_finding": {**ALL_READ, CONTROL: WRITES_ONCE},
    "runs_diff": {**ALL_READ, CONTROL: WRITES_ONCE},
    "runs_current": {
        **ALL_READ,
        PROMOTER: May(
            insert=True,
            update=("manifest_id", "input_hash", "content_digest", "outcomes", "release_number", "set_at"),
        ),
    },
    "runs_run": {
        WEB: May(
            insert=True,
            update=("status", "ended_at"),
            born="status = 'requested'",
            left="status = 'cancelled'",
        ),
        CONTROL: May(
            insert=True,
            update=(
                *("status", "started_at", "ended_at", "attempts_left", "manifest_id", "prov_digest"),
                *("input_hash", "spec_hash", "outcome", "failure", "unchanged", "unchanged_why"),
            ),
            born="status = 'requested'",
            left="status <> 'cancelled'",
        ),
        PROMOTER: READS,
    },
    "runs_attempt": {
        WEB: May(insert=True, update=("ended_at", "why")),
        CONTROL: May(
            insert=True,
            update=("worker", "started_at", "heartbeat_at", "ended_at", "step", "step_n", "step_of", "why"),
        ),
    },
    "reviews_review": {
        WEB: May(update=("status", "settled_at"), left="status <> 'superseded'"),
        CONTROL: May(
            insert=True,
            update=("status", "settled_at", "superseded_by_id", "stale_at", "stale_why"),
            born="status = 'open'",
            left=(
                "status IN ('open', 'superseded') OR (status = 'approved' AND EXISTS ("
                "SELECT FROM releases_standinguse WHERE review_id = reviews_review.id))"
            ),
        ),
        PROMOTER: May(
            update=("status", "settled_at", "stale_at", "stale_why", "promoted_at"),
            left="status IN ('open', 'approved')",
        ),
    },
    "reviews_decision": {**ALL_READ, WEB: WRITES_ONCE},
    "reviews_replay": {WEB: READS, CONTROL: WRITES_ONCE},
    "releases_release": {WEB: WRITES_ONCE, CONTROL: WRITES_ONCE, PROMOTER: READS},
    "releases_promotion": {
        WEB: May(
            insert=True,
            update=("status", "started_at", "ended_at", "failure"),
            born="status = 'queued'",
            left="status = 'failed'",  # rolling back ends what waits for a hold
        ),
        CONTROL: May(
            insert=True,
            update=("status", "ended_at", "started_at", "failure", "tried_at", "nonce", "asked"),
            born="status = 'queued'",
            left="status IN ('queued', 'verifying', 'running', 'failed')",
        ),
        PROMOTER: May(
            update=(
                *("status", "started_at", "ended_at", "failure"),
                *("checks", "documents", "fence", "tried_at"),
            )
        ),
    },
    "releases_attestation": {**ALL_READ, CONTROL: WRITES_ONCE},
    "releases_verification": {**ALL_READ, CONTROL: WRITES_ONCE},
    "releases_standingapproval": {**ALL_READ, WEB: WRITES_ONCE},
    "releases_standingend": {**ALL_READ, WEB: WRITES_ONCE},
    "releases_standinguse": {**ALL_READ, CONTROL: WRITES_ONCE},
    "releases_judgement": {WEB: READS, PROMOTER: WRITES_ONCE},
    "releases_tombstone": {**ALL_READ, PROMOTER: WRITES_ONCE},
    "releases_hold": {
        **ALL_READ,
        WEB: May(insert=True, update=("lifted_at", "lifted_by_id", "lifted_why")),
        CONTROL: WRITES_ONCE,
    },
    "waivers_request": {**ALL_READ, WEB: WRITES_ONCE},
    "waivers_denial": {**ALL_READ, WEB: WRITES_ONCE},
    "waivers_waiver": {**ALL_READ, WEB: WRITES_ONCE},
    "waivers_ending": {**ALL_READ, WEB: WRITES_ONCE, CONTROL: WRITES_ONCE},
    "waivers_need": {**ALL_READ, CONTROL: WRITES_ONCE},
    "signing_key": {**ALL_READ, WEB: WRITES_ONCE},
    "signing_retirement": {**ALL_READ, WEB: WRITES_ONCE},
    "signing_statement": {**ALL_READ, WEB: WRITES_ONCE},
    "signing_signature": {**ALL_READ, WEB: WRITES_ONCE, CONTROL: WRITES_ONCE},
    "signing_roster": {**ALL_READ, WEB: WRITES_ONCE, CONTROL: WRITES_ONCE},
    "django_session": {
        WEB: May(insert=True, update=("session_data", "expire_date"), delete=True),
    },
    "django_content_type": NOBODY,
    "django_migrations": NOBODY,
    "auth_group": NOBODY,
    "auth_group_permissions": NOBODY,
    "auth_permission": NOBODY,
}
SEQUENCES: dict[str, tuple[str, ...]] = {"runs_alias": (WEB, CONTROL)}
# Every trigger asks this first; as pgtrigger writes it, a variable that any session may set silences all.
NEVER_IGNORED = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME)
RETURNS BOOLEAN AS $$ BEGIN RETURN FALSE; END; $$ LANGUAGE plpgsql
"""
# A session looks among its own temporary tables first, so that a trigger would believe what it finds there.
NO_TABLES_OF_THEIR_OWN = """
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$
"""
TRIGGERS_LOOK_HERE = """
DO $$ DECLARE asked regprocedure; BEGIN
    FOR asked IN SELECT DISTINCT tgfoid FROM pg_trigger WHERE NOT tgisinternal LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', asked);
    END LOOP;
END $$
"""
WALLS = (NEVER_IGNORED, NO_TABLES_OF_THEIR_OWN, TRIGGERS_LOOK_HERE)


def statements() -> Iterator[sql.Composable]:
    """Yield what takes everything away from everybody, then gives what the table says."""
    everybody = sql.SQL(", ").join([sql.SQL("PUBLIC"), *map(sql.Identifier, ROLES)])
    for things in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        yield sql.SQL("REVOKE ALL ON ALL " + things + " IN SCHEMA public FROM {}").format(everybody)
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(everybody)
    yield from map(sql.SQL, WALLS)
    for role in ROLES:
        yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(role))
        yield sql.SQL("GRANT EXECUTE ON FUNCTION public._pgtrigger_should_ignore TO {}").format(
            sql.Identifier(role)
        )
    for sequence, roles in SEQUENCES.items():
        for role in roles:
            named = (sql.Identifier(sequence), sql.Identifier(role))
            yield sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(*named)
    for table, admitted in TABLES.items():
        for role, may in admitted.items():
            yield from _granted(table, role, may)
        if any((may.born, may.left) != ("true", "true") for may in admitted.values()):
            yield from _watched(table, admitted)


def _granted(table: str, role: str, may: May) -> Iterator[sql.Composable]:
    asked: dict[str, tuple[str, ...] | None] = {
        "SELECT": may.select,
        "INSERT": EVERY if may.insert else None,
        "UPDATE": may.update,
        "DELETE": EVERY if may.delete else None,
    }
    for deed, columns in asked.items():
        if columns is not None:
            named = sql.SQL(", ").join(map(sql.Identifier, columns))
            limit = sql.SQL(" ({})").format(named) if columns else sql.SQL("")
            yield sql.SQL("GRANT " + deed + "{} ON {} TO {}").format(
                limit, sql.Identifier(table), sql.Identifier(role)
            )


def _watched(table: str, admitted: Mapping[str, May]) -> Iterator[sql.Composable]:
    """Let rows be written only in the states that a role may leave them in."""
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(sql.Identifier(table))
    for role in ROLES:
        may = admitted.get(role, READS)
        rules = {
            "SELECT": "USING (true)",
            "INSERT": f"WITH CHECK ({may.born})",
            "UPDATE": f"USING (true) WITH CHECK ({may.left})",
        }
        for deed, rule in rules.items():
            policy = sql.Identifier(f"{role}_{deed.lower()}")
            yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(policy, sql.Identifier(table))
            yield sql.SQL("CREATE POLICY {} ON {} FOR " + deed + " TO {} " + rule).format(
                policy, sql.Identifier(table), sql.Identifier(role)
            )
