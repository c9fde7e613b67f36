"""Let nothing become current but a released manifest, while its own promotion is carried out."""

from django.db import migrations

RELEASED = """
CREATE FUNCTION current_is_released() RETURNS trigger AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM releases_release JOIN releases_promotion ON releases_promotion.release_id = releases_release.id
        WHERE releases_release.asset_id = NEW.asset_id AND releases_release.channel = NEW.channel
          AND releases_release.manifest_id = NEW.manifest_id AND releases_release.number = NEW.release_number
          AND releases_promotion.status = 'running' AND releases_promotion.kind IN ('promote', 'rollback')
          AND NOT EXISTS (
              SELECT FROM releases_tombstone WHERE releases_tombstone.release_id = releases_release.id
          )
    ) THEN
        RAISE EXCEPTION 'Only a released manifest becomes current, while its promotion is carried out.';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER current_is_released BEFORE INSERT OR UPDATE ON runs_current
    FOR EACH ROW EXECUTE FUNCTION current_is_released();
"""
ANYTHING = "DROP TRIGGER current_is_released ON runs_current; DROP FUNCTION current_is_released();"


class Migration(migrations.Migration):
    dependencies = [("releases", "0004_second_run"), ("runs", "0004_written_once")]
    operations = [migrations.RunSQL(RELEASED, ANYTHING)]
