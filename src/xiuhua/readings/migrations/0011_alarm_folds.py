"""Alarms folded into one, every time one was raised, and storms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("readings", "0010_device_health")]

    operations = [
        migrations.AddField("alarm", "parent_id", models.UUIDField(null=True)),
        migrations.AddField("alarm", "times", models.IntegerField(default=1, db_default=1)),
        migrations.AddField("alarm", "alone", models.BooleanField(default=False, db_default=False)),
        migrations.AddIndex("alarm", models.Index(fields=["parent_id"], name="alarm_parent")),
        migrations.AddIndex("alarm", models.Index(fields=["rule", "raised_at"], name="alarm_rule_raised")),
        migrations.CreateModel(
            name="AlarmArrival",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("alarm_id", models.UUIDField()),
                ("at", models.DateTimeField(db_index=True)),
                ("grade", models.SmallIntegerField()),
                ("folded", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Storm",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("holds", models.SmallIntegerField()),
                ("peak", models.FloatField()),
            ],
        ),
    ]
