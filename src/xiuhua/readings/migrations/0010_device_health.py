"""What the daily look at devices finds, and the firmware that they report."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("readings", "0006_device_keys")]

    operations = [
        migrations.CreateModel(
            name="DeviceCheck",
            fields=[
                ("object_id", models.UUIDField(primary_key=True, serialize=False)),
                ("checked_at", models.DateTimeField()),
                ("online_1", models.FloatField(null=True)),
                ("online_7", models.FloatField(null=True)),
                ("online_30", models.FloatField(null=True)),
                ("drift", models.FloatField(null=True)),
                ("drift_stream", models.TextField(default="")),
                ("unusable", models.FloatField(null=True)),
                ("returns", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Firmware",
            fields=[
                ("object_id", models.UUIDField(primary_key=True, serialize=False)),
                ("version", models.TextField()),
                ("since", models.DateTimeField()),
                ("reported_at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["version"], name="firmware_version")]},
        ),
    ]
