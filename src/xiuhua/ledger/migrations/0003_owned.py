"""Things that another node owns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Owned",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity", models.TextField()),
                ("entity_id", models.TextField()),
                ("node", models.TextField()),
            ],
            options={
                "indexes": [models.Index(fields=["node"], name="owned_by_node")],
                "constraints": [models.UniqueConstraint(fields=("entity", "entity_id"), name="one_owner")],
            },
        ),
    ]
