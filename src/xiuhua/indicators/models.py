"""Values of declared indicators over time, with the rows behind each as they were."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class RowSet(models.Model):
    """The rows of one town behind a value, compressed, kept once under the hash of their text."""

    hash = models.TextField(primary_key=True)
    rows = models.BinaryField()
    count = models.IntegerField()


class IndicatorValue(models.Model):
    """One value of an indicator for the whole district, with figures by town and unit. Empty value: no data.

    `row_sets` are the hashes of its rows by town path ("" for rows outside any town).
    """

    indicator = models.TextField()
    version = models.IntegerField()
    at = models.DateTimeField(db_default=Now())
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    by_area = models.JSONField(default=dict)
    by_unit = models.JSONField(default=dict)
    row_sets = models.JSONField(default=dict)
    origin = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["indicator", "-at", "-id"], name="indicator_newest"),)


class Stale(models.Model):
    """An indicator whose inputs changed since its last value."""

    indicator = models.TextField(primary_key=True)
    since = models.DateTimeField(db_default=Now())
