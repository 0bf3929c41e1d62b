"""One engine run: frozen input, parameters, seed, version, result, and the proposal a person accepts."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from xiuhua.objects.models import NewId


class Run(models.Model):
    """A run is never changed once written, held by a trigger. state: done, failed; a proposal is then accepted or
    declined, once. `unit_code` is the unit of the person who ran it.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    analysis = models.TextField()
    version = models.TextField()
    revision = models.TextField(default="")
    area_path = models.TextField()
    unit_code = models.TextField(default="")
    input_codes = models.JSONField()
    input_hash = models.TextField()
    parameters = models.JSONField()
    seed = models.BigIntegerField()
    state = models.TextField()
    figures = models.JSONField(default=dict)
    chosen = models.JSONField(default=list)
    reasons = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    error = models.TextField(default="")
    started_by = models.TextField()
    started_at = models.DateTimeField(db_default=Now())
    decision = models.TextField(default="")
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    decided_why = models.TextField(default="")
    origin = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["analysis", "-started_at"]),)
