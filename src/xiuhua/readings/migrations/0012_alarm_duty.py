"""Who on duty was called for an alarm, and when the next is."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("readings", "0011_alarm_folds"),
    ]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="call_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), null=True),
        ),
        migrations.AddField(
            model_name="alarm",
            name="duty_post",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddField(
            model_name="alarm",
            name="duty_step",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="alarm",
            name="duty_unit",
            field=models.TextField(db_default="", default=""),
        ),
        migrations.AddIndex(
            model_name="alarm",
            index=models.Index(condition=models.Q(("state", "raised")), fields=["call_at"], name="alarm_call"),
        ),
    ]
