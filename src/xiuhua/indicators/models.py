"""Values of declared indicators over time, with the rows behind each as they were."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class RowSet(models.Model):
    """The rows behind a value, compressed, kept once under their hash."""

    hash = models.TextField(primary_key=True)
    rows = models.BinaryField()
    count = models.IntegerField()


class IndicatorValue(models.Model):
    """One value of an indicator for the district and period, with figures by area and unit. Empty value: no data."""

    indicator = models.TextField()
    version = models.IntegerField()
    period = models.TextField(default="")
    at = models.DateTimeField(db_default=Now())
    value = models.FloatField(null=True)
    numerator = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    by_area = models.JSONField(default=dict)
    by_unit = models.JSONField(default=dict)
    row_set = models.ForeignKey(RowSet, null=True, on_delete=models.PROTECT)
    origin = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["indicator", "-at"]),)


class Stale(models.Model):
    """An indicator whose inputs changed since its last value."""

    indicator = models.TextField(primary_key=True)
    since = models.DateTimeField(db_default=Now())
