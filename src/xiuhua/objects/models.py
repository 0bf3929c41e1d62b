"""Any city object: typed attributes, geometry, validity, owner, area, links; and imports."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Func
from django.db.models.functions import Now


class NewId(Func):
    """A time-ordered identifier made by the database."""

    template = "uuidv7()"
    output_field = models.UUIDField()


class CityObject(models.Model):
    """One thing of a declared type. `type` is the full type id (pack.type); geometry is WKB in CGCS2000, lon-lat.

    `west south east north` are its bounds in degrees (a GiST index on the box made of them); `grams` are the letters and
    bigrams of code, name and text attributes that search uses.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    type = models.TextField()
    code = models.TextField()
    name = models.TextField()
    attributes = models.JSONField(default=dict)
    geometry = models.BinaryField(null=True)
    west = models.FloatField(null=True)
    south = models.FloatField(null=True)
    east = models.FloatField(null=True)
    north = models.FloatField(null=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    unit_code = models.TextField(default="")
    area_path = models.TextField(default="")
    origin = models.TextField()
    grams = ArrayField(models.TextField(), default=list)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["type", "code"], name="object_code"),)
        indexes = (
            models.Index(fields=["type", "area_path"], name="object_area", opclasses=["text_ops", "text_pattern_ops"]),
            models.Index(fields=["type", "updated_at"], name="object_updated"),
            GinIndex(fields=["grams"], name="object_grams"),
        )


class ObjectLink(models.Model):
    """A stored KEY link: `link` is the full id (pack.type.link), from `source` to `target`."""

    link = models.TextField()
    source = models.ForeignKey(CityObject, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(CityObject, on_delete=models.PROTECT, related_name="links_in")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["link", "source", "target"], name="one_link"),)
        indexes = (models.Index(fields=["target", "link"]),)
