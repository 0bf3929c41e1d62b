"""The table of readings, a partition a day, and the set of sequences that may come again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("readings", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE TABLE readings_reading (
                datastream_id integer NOT NULL,
                at timestamptz NOT NULL,
                value double precision,
                code text NOT NULL DEFAULT '',
                quality smallint NOT NULL DEFAULT 0,
                received_at timestamptz NOT NULL,
                PRIMARY KEY (datastream_id, at)
            ) PARTITION BY RANGE (at);
            ALTER TABLE readings_position ADD COLUMN committed int8multirange NOT NULL DEFAULT '{}';
            """,
            "DROP TABLE readings_reading; ALTER TABLE readings_position DROP COLUMN committed;",
        ),
    ]
