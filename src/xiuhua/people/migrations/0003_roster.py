"""The roster: who answers alarms."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_columns"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("post", models.TextField()),
                ("own_unit_only", models.BooleanField(default=False)),
                ("step", models.SmallIntegerField()),
                ("within_min", models.SmallIntegerField()),
                ("days", models.TextField()),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
                ("first_day", models.DateField(null=True)),
                ("last_day", models.DateField(null=True)),
                ("origin", models.TextField(default="")),
                ("area", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="people.area")),
                ("unit", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="people.unit")),
            ],
        ),
    ]
