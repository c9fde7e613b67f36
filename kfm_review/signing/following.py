"""The trigger by which the database takes as a roster only what says itself that it follows one."""

import pgtrigger

FOLLOWS = """
    BEGIN
        said := decode(convert_from(NEW.envelope, 'UTF8')::jsonb ->> 'payload', 'base64');
        told := convert_from(said, 'UTF8')::jsonb -> 'predicate';
    EXCEPTION WHEN others THEN
        RAISE EXCEPTION 'What is to be kept as roster % is no signed roster: %', NEW.version, SQLERRM;
    END;
    IF said IS NULL OR told IS NULL OR NEW.digest IS DISTINCT FROM encode(sha256(said), 'hex') THEN
        RAISE EXCEPTION 'The digest of roster % is not that of its statement.', NEW.version;
    END IF;
    IF (told ->> 'schema') IS DISTINCT FROM 'kfm/roster/1'
        OR (told -> 'version') IS DISTINCT FROM to_jsonb(NEW.version)
    THEN
        RAISE EXCEPTION 'What is to be kept as roster % says that it is something else.', NEW.version;
    END IF;
    IF NEW.version = 1 AND (told -> 'previous') IS NOT DISTINCT FROM 'null'::jsonb THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM signing_roster
        WHERE version = NEW.version - 1 AND digest = told ->> 'previous' AND at <= NEW.at
    ) THEN
        RAISE EXCEPTION 'Roster % does not follow one that is kept.', NEW.version;
    END IF;
    RETURN NEW;
"""


def follows() -> pgtrigger.Trigger:
    """Return the trigger that refuses a row that follows no roster; signatures it cannot judge."""
    return pgtrigger.Trigger(
        name="follows",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("said", "bytea"), ("told", "jsonb")],
        func=FOLLOWS,
    )
