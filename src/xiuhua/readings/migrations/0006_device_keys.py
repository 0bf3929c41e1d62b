"""Keys of devices and gateways, what each speaks for, and who was turned away at the door."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import xiuhua.objects.models


class Migration(migrations.Migration):
    dependencies = [("readings", "0005_history")]

    operations = [
        migrations.CreateModel(
            name="DoorCount",
            fields=[
                ("why", models.TextField(primary_key=True, serialize=False)),
                ("count", models.BigIntegerField(default=0)),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DeviceKey",
            fields=[
                ("id", models.UUIDField(db_default=xiuhua.objects.models.NewId(), primary_key=True, serialize=False)),
                ("name", models.TextField(unique=True)),
                ("secret_sha256", models.BinaryField()),
                ("types", django.contrib.postgres.fields.ArrayField(models.TextField(), default=list)),
                ("holder", models.TextField(default="")),
                ("origin", models.TextField(default="")),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_seen_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refused_why", models.TextField(default="")),
            ],
            options={"indexes": [models.Index(fields=["revoked_at"], name="key_revoked")]},
        ),
        migrations.CreateModel(
            name="KeyObject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.UUIDField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objects_spoken_for",
                        to="readings.devicekey",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["object_id"], name="key_object")],
                "constraints": [models.UniqueConstraint(fields=["key", "object_id"], name="one_key_object")],
            },
        ),
    ]
