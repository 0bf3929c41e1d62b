"""A run is never changed once written, and decided at most once; synthetic runs may be taken out."""

from django.db import migrations

GUARD = """
CREATE FUNCTION runs_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text[] := ARRAY['decision', 'decided_by', 'decided_at', 'decided_why'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.origin LIKE 'synthetic:%' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'a run is kept: %', OLD.id;
    END IF;
    IF OLD.decision <> '' THEN
        RAISE EXCEPTION 'run % is decided already', OLD.id;
    END IF;
    IF (to_jsonb(NEW) - decided) IS DISTINCT FROM (to_jsonb(OLD) - decided) THEN
        RAISE EXCEPTION 'a run is never changed: %', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER runs_never_changed BEFORE UPDATE OR DELETE ON runs_run
FOR EACH ROW EXECUTE FUNCTION runs_never_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER runs_never_changed ON runs_run; DROP FUNCTION runs_never_changed();",
        )
    ]
