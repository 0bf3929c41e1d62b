"""What users lay over declared rules: versions, never altered."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class RuleVersion(models.Model):
    """One version of the values laid over a rule; the newest of a rule is in force, number 0 is what the pack declares.

    `condition` names the condition that the values are for: they are set aside once the pack declares another.
    `values` is empty where the pack's own values are taken up again.
    """

    rule = models.TextField()
    number = models.IntegerField()
    condition = models.TextField()
    values = models.JSONField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField()
    made_by_name = models.TextField()
    why = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["rule", "number"], name="one_rule_version"),)


class RuleTrial(models.Model):
    """A try of other values for a rule on readings that are stored: what alarms there would have been.

    state: waiting, running, done, failed. `share` is how much of the readings has been judged, 0 to 1.
    """

    rule = models.TextField()
    values = models.JSONField()
    begin = models.DateTimeField()
    end = models.DateTimeField()
    state = models.TextField(default="waiting")
    share = models.FloatField(default=0.0)
    result = models.JSONField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    asked_by = models.TextField()
    asked_by_name = models.TextField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["rule", "-asked_at"]),)
