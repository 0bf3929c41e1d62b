"""Rollups by minute, hour and day, the list of archived files, and the rules by which readings are deleted.

A reading that comes, or changes, after its hour was closed marks that hour in `readings_dirty`. The mark is set by the
database itself, so that no writer can forget it; the shared lock lets the closing of hours wait for writers under way.
Readings arrive about in order of time: a BRIN index of a few pages finds an hour of all streams without reading it all.
"""

from django.db import migrations

NUMBERS = """
    CREATE TABLE readings_{name} (
        datastream_id integer NOT NULL,
        count integer NOT NULL,
        at timestamptz NOT NULL,
        low double precision,
        high double precision,
        sum double precision,
        last double precision,
        usable integer NOT NULL,
        quality smallint NOT NULL,
        PRIMARY KEY (datastream_id, at)
    ) PARTITION BY RANGE (at);
"""
CODES = """
    CREATE TABLE readings_{name}_code (
        datastream_id integer NOT NULL,
        count integer NOT NULL,
        at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        quality smallint NOT NULL,
        code text NOT NULL,
        PRIMARY KEY (datastream_id, at, code)
    ) PARTITION BY RANGE (at);
"""
TABLES = (
    "".join(NUMBERS.format(name=name) for name in ("minute", "hour", "day"))
    + "".join(CODES.format(name=name) for name in ("hour", "day"))
    + """
    CREATE TABLE readings_rolled (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        closed_until timestamptz NOT NULL,
        rolled_until timestamptz NOT NULL
    );
    CREATE TABLE readings_dirty (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        datastream_id integer NOT NULL,
        at timestamptz NOT NULL
    );
    CREATE INDEX readings_dirty_at ON readings_dirty (at);
    CREATE TABLE readings_archive (
        day date NOT NULL,
        kind text NOT NULL,
        file text NOT NULL,
        readings bigint NOT NULL,
        bytes bigint NOT NULL,
        sha256 text NOT NULL,
        written_at timestamptz NOT NULL,
        PRIMARY KEY (kind, day)
    );
    CREATE TABLE readings_retention (
        kind text NOT NULL,
        version integer NOT NULL,
        raw_days integer,
        rollup_days integer,
        set_at timestamptz NOT NULL,
        set_by text NOT NULL,
        set_by_name text NOT NULL,
        why text NOT NULL,
        PRIMARY KEY (kind, version)
    );
"""
)
BEGINNING = """
    INSERT INTO readings_rolled (closed_until, rolled_until)
        SELECT hour, hour FROM (SELECT date_trunc('hour', coalesce(min(at), now())) AS hour FROM readings_reading) r;
"""
MARKING = """
    CREATE INDEX readings_reading_at ON readings_reading USING brin (at) WITH (autosummarize = on);
    CREATE FUNCTION readings_mark_dirty() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared(7301003);
        INSERT INTO readings_dirty (datastream_id, at)
            SELECT DISTINCT datastream_id, date_trunc('hour', at) FROM written
            WHERE at < (SELECT closed_until FROM readings_rolled);
        RETURN NULL;
    END $$;
    CREATE TRIGGER mark_inserted AFTER INSERT ON readings_reading
        REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION readings_mark_dirty();
    CREATE TRIGGER mark_updated AFTER UPDATE ON readings_reading
        REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION readings_mark_dirty();
"""
UNDO = """
    DROP INDEX readings_reading_at;
    DROP TRIGGER mark_inserted ON readings_reading;
    DROP TRIGGER mark_updated ON readings_reading;
    DROP FUNCTION readings_mark_dirty;
    DROP TABLE readings_minute, readings_hour, readings_day, readings_hour_code, readings_day_code, readings_rolled,
        readings_dirty, readings_archive, readings_retention;
"""


class Migration(migrations.Migration):
    dependencies = [("readings", "0004_quarantine_of_whom")]

    operations = [migrations.RunSQL([TABLES, BEGINNING, MARKING], UNDO)]
