"""Content-addressed files."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class StoredFile(models.Model):
    """A file kept once under its SHA-256; who may read it is decided by the room that holds it."""

    hash = models.TextField(primary_key=True)
    size = models.BigIntegerField()
    media_type = models.TextField()
    stored_at = models.DateTimeField(db_default=Now())
    stored_by = models.TextField()
