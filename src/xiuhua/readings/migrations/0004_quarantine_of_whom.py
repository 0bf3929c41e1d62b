"""Whose stream a quarantined reading is about, and whether all of it is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("readings", "0003_partitions_of_messages")]

    operations = [
        migrations.AddField("quarantine", "whole", models.BooleanField(default=True)),
        migrations.AddField("quarantine", "area_path", models.TextField(default="")),
        migrations.AddField("quarantine", "unit_code", models.TextField(default="")),
    ]
