"""Closed loops at work: cases, their clocks and evidence; rounds and what each item owes."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from xiuhua.objects.models import NewId


class Case(models.Model):
    """One case. `type` and `state` are declared by its pack; `kind` (open, done, void) is all the platform branches on.

    `handled_by` and `handled_by_all` keep who did handling moves: none of them may make a verifying move. `due_at` and
    `at_risk_at` are those of the running clock due first; `why` holds the sentences (zh, en) that say why the case is
    with its unit.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    number = models.TextField(unique=True)
    type = models.TextField()
    state = models.TextField()
    kind = models.TextField()
    title = models.TextField()
    description = models.TextField(default="")
    object_id = models.UUIDField(null=True)
    object_code = models.TextField(default="")
    alarm_id = models.UUIDField(null=True)
    source = models.TextField()
    grade = models.SmallIntegerField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    area_path = models.TextField(default="")
    unit_code = models.TextField(default="")
    handled_by = models.TextField(default="")
    handled_by_all = models.JSONField(default=list)
    fields = models.JSONField(default=dict)
    opened_by = models.TextField()
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    at_risk_at = models.DateTimeField(null=True)
    paused = models.BooleanField(default=False)
    why = models.JSONField(default=list)
    version = models.IntegerField(default=1)
    origin = models.TextField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["alarm_id"],
                name="one_open_case_per_alarm",
                condition=models.Q(kind="open", alarm_id__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=["kind", "due_at"]),
            models.Index(fields=["type", "state"]),
            models.Index(fields=["object_id"]),
            models.Index(fields=["area_path"], name="case_area", opclasses=["text_pattern_ops"]),
        )


class NumberOfDay(models.Model):
    """The last case number given on a day (Beijing time)."""

    day = models.DateField(primary_key=True)
    last = models.IntegerField()


class CaseClock(models.Model):
    """One clock of a case: running (no stopped_at), kept or broken once stopped, neither in a void case. `pauses` are
    past standstills (from, to; ISO 8601). `due_at` is empty while the working calendar of its year is missing, and
    `fault` says so; the fired columns say when each notice went out.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    clock = models.TextField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    at_risk_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pauses = models.JSONField(default=list)
    stopped_at = models.DateTimeField(null=True)
    kept = models.BooleanField(null=True)
    at_risk_fired_at = models.DateTimeField(null=True)
    overdue_fired_at = models.DateTimeField(null=True)
    fault = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["due_at"],
                name="clock_due",
                condition=models.Q(stopped_at__isnull=True, overdue_fired_at__isnull=True),
            ),
            models.Index(
                fields=["at_risk_at"],
                name="clock_risk",
                condition=models.Q(stopped_at__isnull=True, at_risk_fired_at__isnull=True),
            ),
            models.Index(fields=["case", "clock"]),
        )


class Evidence(models.Model):
    """A file laid into a case, for one of its needs, while the case was in `state`. `used_for` is the move that was
    made on it: the same move made again needs a fresh one.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="evidence")
    need = models.TextField()
    file_hash = models.TextField()
    name = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()
    state = models.TextField()
    used_for = models.TextField(default="")
    added_by = models.TextField()
    added_at = models.DateTimeField(db_default=Now())


class RoundRun(models.Model):
    """A dated round over an area: all things, or the sample of an accepted run. outcome: "", accepted, rejected."""

    id = models.UUIDField(primary_key=True, db_default=NewId())
    round = models.TextField()
    title = models.TextField()
    run_id = models.UUIDField(null=True)
    area_path = models.TextField()
    unit_code = models.TextField(default="")
    opened_by = models.TextField()
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(default="")
    figures = models.JSONField(default=dict)
    origin = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["round", "area_path", "closed_at"]),)


class RoundItem(models.Model):
    """One thing of a round and what was found there. `passes` is empty until the form is in."""

    id = models.UUIDField(primary_key=True, db_default=NewId())
    round_run = models.ForeignKey(RoundRun, on_delete=models.CASCADE, related_name="items")
    round = models.TextField()
    object_id = models.UUIDField()
    object_code = models.TextField()
    object_name = models.TextField()
    area_path = models.TextField(default="")
    unit_code = models.TextField(default="")
    form = models.JSONField(default=dict)
    passes = models.BooleanField(null=True)
    filled_by = models.TextField(default="")
    filled_at = models.DateTimeField(null=True)
    case_id = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["round_run", "object_id"], name="one_item"),)
