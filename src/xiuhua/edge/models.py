"""Nodes of towns as the centre knows them; at a node, its line to the centre and what waits to go up."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from xiuhua.objects.models import NewId


class Node(models.Model):
    """A town's node, at the centre: its key (SHA-256 only), how far it has handed up, and what it last told.

    `position` is the last item stored, of the node's database `era`; the counts grow in the same transaction.
    `clock_ahead_s` is how far its clock goes before ours, `waiting` how many items it still had.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    code = models.TextField(unique=True)
    town = models.TextField()
    area_path = models.TextField()
    secret_sha256 = models.BinaryField()
    made_by = models.TextField()
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_why = models.TextField(default="")
    era = models.TextField(default="")
    position = models.BigIntegerField(default=0)
    last_seen_at = models.DateTimeField(null=True)
    clock_ahead_s = models.FloatField(null=True)
    waiting = models.BigIntegerField(default=0)
    oldest_waiting_at = models.DateTimeField(null=True)
    full = models.BooleanField(default=False)
    copied_at = models.DateTimeField(null=True)
    catalogue = models.TextField(default="")
    readings_in = models.BigIntegerField(default=0)
    readings_new = models.BigIntegerField(default=0)
    alarms_in = models.BigIntegerField(default=0)
    cases_in = models.BigIntegerField(default=0)
    history_in = models.BigIntegerField(default=0)
    set_aside = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["town"], name="one_node_of_town", condition=models.Q(revoked_at__isnull=True)
            ),
        )


class Line(models.Model):
    """One row, at a node: its line to the centre. `gathered` is the last history row (by seal) brought into the queue,
    `position` the last position given, `acknowledged` the last that the centre stored. `state`: new, up, cut, refused.
    `digests` are those of the parts of the copy, `copied_at` is when all of them were last known to be the centre's.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    era = models.TextField()
    town = models.TextField()
    gathered = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    acknowledged = models.BigIntegerField(default=0)
    state = models.TextField(default="new")
    problem = models.TextField(default="")
    since = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    clock_ahead_s = models.FloatField(null=True)
    digests = models.JSONField(default=dict)
    copied_at = models.DateTimeField(null=True)
    copy_problem = models.TextField(default="")
    centre_catalogue = models.TextField(default="")
    readings_out = models.BigIntegerField(default=0)
    alarms_out = models.BigIntegerField(default=0)
    cases_out = models.BigIntegerField(default=0)
    history_out = models.BigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_line"),)


class Outgoing(models.Model):
    """One item on its way up: readings, alarm, case, object or history. `count` is how many readings it holds; it has
    no position before the sender has given it one.
    """

    id = models.BigAutoField(primary_key=True)
    position = models.BigIntegerField(null=True, unique=True)
    kind = models.TextField()
    payload = models.BinaryField()
    size = models.IntegerField()
    count = models.IntegerField(default=1)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=["id"], name="outgoing_new", condition=models.Q(position__isnull=True)),)


class Handed(models.Model):
    """The digest of an alarm's or a case's state when it was last brought into the queue."""

    entity = models.TextField()
    entity_id = models.UUIDField()
    digest = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["entity", "entity_id"], name="handed_once"),)
