"""What models cannot say: the index on the box of an object's bounds, and that exclusive links may not overlap."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("objects", "0001_initial")]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(
            "CREATE INDEX object_box ON objects_cityobject USING gist (box(point(west, south), point(east, north)))",
            "DROP INDEX object_box",
        ),
        migrations.RunSQL(
            "ALTER TABLE objects_objectlink ADD CONSTRAINT never_together EXCLUDE USING gist"
            " (link WITH =, target_id WITH =, daterange(valid_from, valid_to, '[]') WITH &&) WHERE (exclusive)"
            " DEFERRABLE INITIALLY IMMEDIATE",
            "ALTER TABLE objects_objectlink DROP CONSTRAINT never_together",
        ),
    ]
