"""What happened: history rows, their seals, and the outbox."""

from __future__ import annotations

from django.db import models
from django.db.models import Func
from django.db.models.functions import Now


class CurrentTransaction(Func):
    """The id of the writing transaction, as a 64-bit number."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class History(models.Model):
    """One change to the world: who, when, what, why. Append-only; a trigger refuses update and delete."""

    id = models.BigAutoField(primary_key=True)
    transaction = models.BigIntegerField(db_default=CurrentTransaction())
    at = models.DateTimeField(db_default=Now())
    actor = models.TextField()
    actor_name = models.TextField()
    action = models.TextField()
    entity = models.TextField()
    entity_id = models.TextField()
    area_path = models.TextField(default="")
    why = models.TextField(default="")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["entity", "entity_id", "id"]), models.Index(fields=["transaction", "id"]))


class Seal(models.Model):
    """A history row's place in the hash chain. Chains follow commit order; `chain` covers the row and all before it."""

    seq = models.BigIntegerField(primary_key=True)
    history_id = models.BigIntegerField(unique=True)
    digest = models.BinaryField()
    chain = models.BinaryField()


class Sealing(models.Model):
    """One row: how far the sealer is. `transaction`, `history_id` is the last row sealed in commit order; `seq` and
    `chain` are the chain's end; `era` is the database cluster whose transaction numbers these are.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    era = models.TextField(default="")
    transaction = models.BigIntegerField(default=0)
    history_id = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    chain = models.BinaryField(default=bytes(32))

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_sealing"),)


class Outbox(models.Model):
    """An event for rooms above, written in the transaction that caused it and delivered at least once."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    topic = models.TextField()
    area_path = models.TextField(default="")
    payload = models.JSONField(default=dict)
    tries = models.IntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    error = models.TextField(default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["id"], name="outbox_waiting", condition=models.Q(done_at__isnull=True)),
            models.Index(fields=["done_at"], name="outbox_done", condition=models.Q(done_at__isnull=False)),
        )


class Owned(models.Model):
    """A thing that another node owns: here it is a copy. Of entity `area` the id is a path, and everything that happens
    below it is watched there.
    """

    entity = models.TextField()
    entity_id = models.TextField()
    node = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["entity", "entity_id"], name="one_owner"),)
        indexes = (models.Index(fields=["node"], name="owned_by_node"),)
