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


SYNTHETIC = models.Q(origin__startswith="synthetic:")


class CityObject(models.Model):
    """One thing of a declared type. `type` is the full type id (pack.type); geometry is WKB in CGCS2000, lon-lat.

    `west south east north` are its bounds in degrees (a GiST index on the box made of them). `words` are code, name
    and the open text attributes, folded, and `grams` the pieces search finds rows by; `sort_key` is the name in pinyin.
    `attributes` holds only what has a value.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    type = models.TextField()
    code = models.TextField()
    name = models.TextField()
    sort_key = models.TextField(default="", db_collation="C")
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
    words = models.TextField(default="")
    grams = ArrayField(models.TextField(), default=list)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["type", "code"], name="object_code", condition=models.Q(removed_at__isnull=True)
            ),
        )
        indexes = (
            models.Index(fields=["type", "area_path"], name="object_area", opclasses=["text_ops", "text_pattern_ops"]),
            models.Index(fields=["type", "updated_at"], name="object_updated"),
            models.Index(fields=["type", "sort_key", "id"], name="object_name"),
            GinIndex(fields=["grams"], name="object_grams"),
            models.Index(fields=["origin"], name="object_synthetic", condition=SYNTHETIC),
        )


class ObjectLink(models.Model):
    """A stored KEY link: `link` is the full id (pack.type.link), from `source` to `target`, valid while its source is.

    `exclusive` links of one target may not be valid on the same day (the type's `never`): an exclusion of the database.
    """

    link = models.TextField()
    source = models.ForeignKey(CityObject, on_delete=models.CASCADE, related_name="links_out")
    target = models.ForeignKey(CityObject, on_delete=models.PROTECT, related_name="links_in")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    exclusive = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["link", "source", "target"], name="one_link"),)
        indexes = (models.Index(fields=["target", "link"], name="link_target"),)


class FoundLink(models.Model):
    """A link found by geometry (in, on, near): derived from the two ends, found anew whenever one changes."""

    link = models.TextField()
    source = models.ForeignKey(CityObject, on_delete=models.CASCADE, related_name="found_out")
    target = models.ForeignKey(CityObject, on_delete=models.CASCADE, related_name="found_in")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["link", "source", "target"], name="one_found_link"),)
        indexes = (models.Index(fields=["target", "link"], name="found_target"),)


class ImportJob(models.Model):
    """One file on its way into a register. state: uploaded, previewed, running, done, failed, undoing, undone.

    `actor` is who brought it, with the rights of that moment; the file lies in the data folder until it is applied.
    `undo` is who takes it back and why; a refused undo leaves the import done, with its fault. `progress`, `tries` and
    `started_at` are of the work going on, be it the writing or the taking back.
    `errors` holds the first of each kind, `errors_total` counts all; the rejected rows lie beside the file.
    `repairs` are applied in their order, each with the rows it changed; `offers` are those that would help further.
    `lacking` are the first things of the register that the file lacks.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    type = models.TextField()
    filename = models.TextField()
    format = models.TextField()
    sha256 = models.TextField()
    size = models.BigIntegerField()
    sheet = models.TextField(default="")
    sheets = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    rows = models.IntegerField(default=0)
    crs = models.TextField(default="")
    crs_known = models.BooleanField(default=False)
    guesses = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    repairs = models.JSONField(default=list)
    offers = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    state = models.TextField(default="uploaded")
    keep_good = models.BooleanField(default=False)
    progress = models.FloatField(default=0)
    counts = models.JSONField(null=True)
    lacking = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    errors_total = models.IntegerField(default=0)
    error_kinds = models.JSONField(default=list)
    sample_geojson = models.JSONField(null=True)
    rejected = models.BooleanField(default=False)
    fault = models.TextField(default="")
    fault_params = models.JSONField(default=dict)
    actor = models.JSONField(default=dict)
    undo = models.JSONField(default=dict)
    actor_code = models.TextField()
    tries = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["state"], name="import_state", condition=models.Q(state__in=("running", "undoing"))),
            models.Index(fields=["actor_code", "type", "-created_at"], name="import_of_actor"),
        )
