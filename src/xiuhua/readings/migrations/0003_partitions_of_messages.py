"""Readings in 52 bytes, the version of the datastreams, and what a worker's place and the quarantine further say."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("readings", "0002_readings_by_day")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE readings_reading RENAME TO readings_reading_before;
            ALTER TABLE readings_reading_before RENAME CONSTRAINT readings_reading_pkey TO readings_reading_before_pkey;
            CREATE TABLE readings_reading (
                datastream_id integer NOT NULL,
                quality smallint NOT NULL DEFAULT 0,
                at timestamptz NOT NULL,
                value double precision,
                code text,
                received_at timestamptz,
                PRIMARY KEY (datastream_id, at)
            ) PARTITION BY RANGE (at);
            DO $$
            DECLARE
                part record;
            BEGIN
                FOR part IN
                    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bounds
                    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = 'readings_reading_before'::regclass
                LOOP
                    EXECUTE format('ALTER TABLE %I RENAME TO %I', part.relname, part.relname || '_before');
                    EXECUTE format('CREATE TABLE %I PARTITION OF readings_reading %s', part.relname, part.bounds);
                END LOOP;
            END $$;
            INSERT INTO readings_reading (datastream_id, quality, at, value, code, received_at)
            SELECT datastream_id, quality, at, value, nullif(code, ''),
                   CASE WHEN received_at > at + interval '1 minute' THEN received_at END
            FROM readings_reading_before ORDER BY datastream_id, at;
            DROP TABLE readings_reading_before;

            -- The consumers of messages have other names from now on.
            DELETE FROM readings_position;

            CREATE TABLE readings_directory (
                one boolean PRIMARY KEY DEFAULT true CHECK (one),
                version bigint NOT NULL DEFAULT 0
            );
            INSERT INTO readings_directory DEFAULT VALUES;
            CREATE FUNCTION readings_count_directory() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                UPDATE readings_directory SET version = version + 1;
                RETURN NULL;
            END $$;
            CREATE TRIGGER datastreams_deleted AFTER DELETE ON readings_datastream
                FOR EACH STATEMENT EXECUTE FUNCTION readings_count_directory();
            CREATE TRIGGER datastreams_emptied AFTER TRUNCATE ON readings_datastream
                FOR EACH STATEMENT EXECUTE FUNCTION readings_count_directory();
            CREATE TRIGGER datastream_renamed AFTER UPDATE OF object_code ON readings_datastream
                FOR EACH ROW WHEN (OLD.object_code IS DISTINCT FROM NEW.object_code)
                EXECUTE FUNCTION readings_count_directory();

            CREATE TABLE readings_worker (
                name text PRIMARY KEY,
                seen_at timestamptz NOT NULL
            );
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddField("position", "newest_from", models.DateTimeField(null=True)),
        migrations.AddField("quarantine", "name", models.TextField(default="")),
        # Kept up to date many at a time: an index on a column that changes with every reading costs more than it finds.
        migrations.AlterField("latest", "silent_at", models.DateTimeField()),
    ]
