"""Nodes, and at a node its line to the centre and what waits to go up."""

import django.db.models.functions.datetime
from django.db import migrations, models

import xiuhua.objects.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Handed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity", models.TextField()),
                ("entity_id", models.UUIDField()),
                ("digest", models.TextField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("entity", "entity_id"), name="handed_once")],
            },
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("era", models.TextField()),
                ("town", models.TextField()),
                ("gathered", models.BigIntegerField(default=0)),
                ("position", models.BigIntegerField(default=0)),
                ("acknowledged", models.BigIntegerField(default=0)),
                ("state", models.TextField(default="new")),
                ("problem", models.TextField(default="")),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("answered_at", models.DateTimeField(null=True)),
                ("clock_ahead_s", models.FloatField(null=True)),
                ("digests", models.JSONField(default=dict)),
                ("copied_at", models.DateTimeField(null=True)),
                ("copy_problem", models.TextField(default="")),
                ("centre_catalogue", models.TextField(default="")),
                ("readings_out", models.BigIntegerField(default=0)),
                ("alarms_out", models.BigIntegerField(default=0)),
                ("cases_out", models.BigIntegerField(default=0)),
                ("history_out", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_line")],
            },
        ),
        migrations.CreateModel(
            name="Node",
            fields=[
                ("id", models.UUIDField(db_default=xiuhua.objects.models.NewId(), primary_key=True, serialize=False)),
                ("code", models.TextField(unique=True)),
                ("town", models.TextField()),
                ("area_path", models.TextField()),
                ("secret_sha256", models.BinaryField()),
                ("made_by", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_why", models.TextField(default="")),
                ("era", models.TextField(default="")),
                ("position", models.BigIntegerField(default=0)),
                ("last_seen_at", models.DateTimeField(null=True)),
                ("clock_ahead_s", models.FloatField(null=True)),
                ("waiting", models.BigIntegerField(default=0)),
                ("oldest_waiting_at", models.DateTimeField(null=True)),
                ("full", models.BooleanField(default=False)),
                ("copied_at", models.DateTimeField(null=True)),
                ("catalogue", models.TextField(default="")),
                ("readings_in", models.BigIntegerField(default=0)),
                ("readings_new", models.BigIntegerField(default=0)),
                ("alarms_in", models.BigIntegerField(default=0)),
                ("cases_in", models.BigIntegerField(default=0)),
                ("history_in", models.BigIntegerField(default=0)),
                ("set_aside", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)), fields=("town",), name="one_node_of_town"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outgoing",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("position", models.BigIntegerField(null=True, unique=True)),
                ("kind", models.TextField()),
                ("payload", models.BinaryField()),
                ("size", models.IntegerField()),
                ("count", models.IntegerField(default=1)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("position__isnull", True)), fields=["id"], name="outgoing_new")
                ],
            },
        ),
    ]
