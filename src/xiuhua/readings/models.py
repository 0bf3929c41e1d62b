"""Datastreams, what they reported, and the alarms that came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from xiuhua.objects.models import NewId


class Datastream(models.Model):
    """One stream of one object. `stream` is the full id (pack.type.stream)."""

    id = models.AutoField(primary_key=True)
    object_id = models.UUIDField()
    object_code = models.TextField()
    stream = models.TextField()
    area_path = models.TextField(default="")
    unit_code = models.TextField(default="")
    origin = models.TextField(default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=["object_id", "stream"], name="one_datastream"),)
        indexes = (models.Index(fields=["stream", "object_code"]),)


class Latest(models.Model):
    """The newest reading of a datastream, by its own time. `silent_at` is when it counts as silent."""

    datastream = models.OneToOneField(Datastream, primary_key=True, on_delete=models.CASCADE)
    at = models.DateTimeField()
    value = models.FloatField(null=True)
    code = models.TextField(default="")
    quality = models.SmallIntegerField(default=0)
    received_at = models.DateTimeField()
    silent_at = models.DateTimeField()


class Alarm(models.Model):
    """One standing trouble: raised once per rule and object, counted while it stands.

    state: raised, acknowledged, shelved, cleared, closed. `since` is, for silence, the last reading before it (or when
    the stream was made). `case_id` is set once a case is open for it, `case_done` once that case is closed.
    `parent_id` is the alarm it is folded under, which is of its rule and at least as grave; `alone` says that a person
    has split it out for good. `times` counts how often it was raised, `count` how often it was seen. `duty_post` at
    `duty_unit` was called last, as step `duty_step` of the roster (0: nobody yet); the next is called at `call_at` if
    it is still unconfirmed, null once there is nobody left.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    rule = models.TextField()
    grade = models.SmallIntegerField()
    object_id = models.UUIDField()
    object_type = models.TextField()
    object_code = models.TextField()
    object_name = models.TextField()
    datastream_id = models.IntegerField(null=True)
    state = models.TextField(default="raised")
    raised_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.IntegerField(default=1)
    value = models.FloatField(null=True)
    code = models.TextField(default="")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(default="")
    shelved_until = models.DateTimeField(null=True)
    shelved_why = models.TextField(default="")
    since = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    area_path = models.TextField(default="")
    unit_code = models.TextField(default="")
    case_id = models.UUIDField(null=True)
    case_done = models.BooleanField(default=False)
    origin = models.TextField(default="")
    parent_id = models.UUIDField(null=True)
    times = models.IntegerField(default=1, db_default=1)
    alone = models.BooleanField(default=False, db_default=False)
    duty_post = models.TextField(default="", db_default="")
    duty_unit = models.TextField(default="", db_default="")
    duty_step = models.SmallIntegerField(default=0, db_default=0)
    call_at = models.DateTimeField(null=True, db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["rule", "object_id"], condition=models.Q(closed_at__isnull=True), name="one_standing_alarm"
            ),
        )
        indexes = (
            models.Index(fields=["closed_at", "grade", "raised_at"]),
            models.Index(fields=["object_id"]),
            models.Index(fields=["case_id"]),
            models.Index(fields=["parent_id"], name="alarm_parent"),
            models.Index(fields=["rule", "raised_at"], name="alarm_rule_raised"),
            models.Index(fields=["call_at"], name="alarm_call", condition=models.Q(state="raised")),
        )

    def raise_again(self) -> None:
        """Have it confirmed anew: whoever is on duty is called at once."""
        self.state, self.acknowledged_at, self.acknowledged_by = "raised", None, ""
        self.duty_post, self.duty_unit, self.duty_step, self.call_at = "", "", 0, self.raised_at


class AlarmArrival(models.Model):
    """One time an alarm was raised; `folded` if it came up under another or was the same one back again."""

    id = models.BigAutoField(primary_key=True)
    alarm_id = models.UUIDField()
    at = models.DateTimeField(db_index=True)
    grade = models.SmallIntegerField()
    folded = models.BooleanField()


class Storm(models.Model):
    """A time in which more alarms came than people can take in: grades from `holds` on were not pushed to screens.
    `peak` is the most in ten minutes a desk.
    """

    id = models.AutoField(primary_key=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    holds = models.SmallIntegerField()
    peak = models.FloatField()


class Position(models.Model):
    """How far a consumer of the message stream has come; written in the transaction that stores the readings.

    `stream_sequence` is the highest sequence in the database, stored in the stream at `stored_at`; the column
    `committed` (int8multirange, only in SQL) holds those that may come again. `caught_up_at` is the time up to which
    nothing waits, `listening_since` the end of the last gap in listening: silence is judged only within them.
    `newest_from` is the earliest reading that is stored and whose latest value may not be written down yet.
    """

    consumer = models.TextField(primary_key=True)
    stream_created = models.DateTimeField()
    stream_sequence = models.BigIntegerField(default=0)
    stored_at = models.DateTimeField(null=True)
    listening_since = models.DateTimeField(db_default=Now())
    caught_up_at = models.DateTimeField(db_default=Now())
    newest_from = models.DateTimeField(null=True)


class Quarantine(models.Model):
    """A message, or the `item`-th reading in it, that could not be taken: what came, and why.

    `name` is the stream it is about, as sent; area and unit are the stream's, if there is one. Of a reading among many
    `payload` is that reading alone; `whole` says that nothing of it was cut off.
    """

    consumer = models.TextField()
    stream_created = models.DateTimeField()
    stream_sequence = models.BigIntegerField()
    item = models.IntegerField()
    reason = models.TextField()
    detail = models.TextField(default="")
    subject = models.TextField()
    name = models.TextField(default="")
    payload = models.BinaryField()
    whole = models.BooleanField(default=True)
    area_path = models.TextField(default="")
    unit_code = models.TextField(default="")
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["consumer", "stream_created", "stream_sequence", "item"], name="one_quarantined"
            ),
        )


class IngestCount(models.Model):
    """How many readings met each fate since the site began: stored, repeated, redelivered, or a quarantine reason."""

    fate = models.TextField(primary_key=True)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()


class DeviceKey(models.Model):
    """What a device or gateway shows at the door: `name` is its user name, of its secret only the SHA-256 is kept.

    It speaks for the objects of its KeyObject rows and for every object of `types`. `refused_at` and `refused_why` tell
    of the last time somebody came with this name in vain.
    """

    id = models.UUIDField(primary_key=True, db_default=NewId())
    name = models.TextField(unique=True)
    secret_sha256 = models.BinaryField()
    types = ArrayField(models.TextField(), default=list)
    holder = models.TextField(default="")
    origin = models.TextField(default="")
    made_by = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    refused_why = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=["revoked_at"], name="key_revoked"),)


class KeyObject(models.Model):
    """One object that a key speaks for."""

    key = models.ForeignKey(DeviceKey, on_delete=models.CASCADE, related_name="objects_spoken_for")
    object_id = models.UUIDField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["key", "object_id"], name="one_key_object"),)
        indexes = (models.Index(fields=["object_id"], name="key_object"),)


class DoorCount(models.Model):
    """How often somebody was turned away at the door since the site began, by why: unknown, secret, expired, revoked,
    hurried, topic.
    """

    why = models.TextField(primary_key=True)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()


class DeviceCheck(models.Model):
    """What the last daily look at a device found: shares of time it was online over 1, 7 and 30 days, its drift against
    its neighbours (in the unit of `drift_stream`), the share of unusable readings and the returns from silence of 7
    days. None where too little is known.
    """

    object_id = models.UUIDField(primary_key=True)
    checked_at = models.DateTimeField()
    online_1 = models.FloatField(null=True)
    online_7 = models.FloatField(null=True)
    online_30 = models.FloatField(null=True)
    drift = models.FloatField(null=True)
    drift_stream = models.TextField(default="")
    unusable = models.FloatField(null=True)
    returns = models.IntegerField(default=0)


class Firmware(models.Model):
    """The version that a device last reported of its own software: first at `since`, last at `reported_at`."""

    object_id = models.UUIDField(primary_key=True)
    version = models.TextField()
    since = models.DateTimeField()
    reported_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["version"], name="firmware_version"),)
