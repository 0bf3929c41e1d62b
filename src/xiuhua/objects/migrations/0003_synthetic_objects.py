"""An index of the synthetic objects alone: whether there is any is asked with every page load."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("objects", "0002_box_and_exclusion")]

    operations = [
        migrations.AddIndex(
            model_name="cityobject",
            index=models.Index(
                fields=["origin"], name="object_synthetic", condition=models.Q(origin__startswith="synthetic:")
            ),
        ),
    ]
