"""How long readings and rollups of a kind of stream are kept: rules set by a person, and deletion by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from xiuhua.catalog import catalogue
from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.errors import Conflict, Invalid
from xiuhua.kernel.words import Act
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.people.actions.songjiang import DISTRICT
from xiuhua.people.policy import require
from xiuhua.readings.history.periods import stored_day

RETENTION = system_actor("retention")
LONGEST_DAYS = 36_500
_ROLLUPS = ("readings_hour", "readings_day", "readings_hour_code", "readings_day_code")


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How long a kind of stream (its full id) is kept, in days; None is for ever. `raw_days` is for the readings and
    their minutes, `rollup_days` for hours and days.
    """

    kind: str
    version: int
    raw_days: int | None
    rollup_days: int | None
    set_at: datetime
    set_by: str
    set_by_name: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """What a rule deletes: files with their readings and bytes, rows of rollups, and the days of the files."""

    files: int
    readings: int
    bytes: int
    rollups: int
    first_day: date | None
    last_day: date | None


def policies() -> list[Policy]:
    """Return the rules in force. They are the same for everybody and tell of no reading."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (kind) kind, version, raw_days, rollup_days, set_at, set_by, set_by_name, why
            FROM readings_retention ORDER BY kind, version DESC
            """
        )
        return [
            Policy(
                kind=row[0], version=row[1], raw_days=row[2], rollup_days=row[3], set_at=row[4], set_by=row[5],
                set_by_name=row[6], why=row[7],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def preview(actor: Actor, kind: str, *, raw_days: int | None, rollup_days: int | None, now: datetime) -> Loss:
    """Return what such a rule would delete now; raises Refused, Invalid, NotFound."""
    _require(actor)
    _check(kind, raw_days, rollup_days)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), coalesce(sum(readings), 0)::bigint, coalesce(sum(bytes), 0)::bigint, min(day), max(day)
            FROM readings_archive WHERE kind = %s AND day < %s
            """,
            [kind, _first_kept(now, raw_days)],
        )
        files, readings, size, first_day, last_day = cursor.fetchone()
        rollups = 0
        for table, days in _tables(raw_days, rollup_days).items():
            cursor.execute(
                f"SELECT count(*) FROM {table} WHERE at < %s"  # noqa: S608
                " AND datastream_id IN (SELECT id FROM readings_datastream WHERE stream = %s)",
                [stored_day(_first_kept(now, days))[0], kind],
            )
            rollups += cursor.fetchone()[0]
    return Loss(
        files=files, readings=readings, bytes=size, rollups=rollups, first_day=first_day, last_day=last_day
    )  # fmt: skip


def set_policy(
    actor: Actor, kind: str, *, version: int, raw_days: int | None, rollup_days: int | None, why: str, now: datetime
) -> Policy:
    """Put a rule in force for a kind; `version` is that of the rule it follows, 0 for the first. Raises Refused,
    Invalid, NotFound, and Conflict where somebody else was faster.
    """
    _require(actor)
    _check(kind, raw_days, rollup_days)
    if not why.strip():
        raise Invalid("readings.why_missing")
    policy = Policy(
        kind=kind, version=version + 1, raw_days=raw_days, rollup_days=rollup_days, set_at=now, set_by=actor.code,
        set_by_name=actor.name, why=why.strip(),
    )  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE readings_retention IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT coalesce(max(version), 0) FROM readings_retention WHERE kind = %s", [kind])
        if cursor.fetchone() != (version,):
            raise Conflict("readings.retention_moved_on", kind=kind)
        cursor.execute(
            """
            INSERT INTO readings_retention
                (kind, version, raw_days, rollup_days, set_at, set_by, set_by_name, why)
            VALUES (%(kind)s, %(version)s, %(raw_days)s, %(rollup_days)s, %(set_at)s, %(set_by)s, %(set_by_name)s,
                    %(why)s)
            """,
            asdict(policy),
        )
        record(
            actor,
            Change(
                action="retention_set", entity="retention", entity_id=kind, area_path=f"{DISTRICT}/", why=policy.why,
                data={"version": policy.version, "raw_days": raw_days, "rollup_days": rollup_days},
            ),
        )  # fmt: skip
        announce("retention.changed", area_path=f"{DISTRICT}/", kind=kind)
    return policy


def delete_expired(*, now: datetime) -> int:
    """Delete what the rules in force no longer keep, each kind in a transaction with its row of history; returns how
    many files stopped to count. The files themselves go with the next sweep.
    """
    files = 0
    for policy in policies():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM readings_archive WHERE kind = %s AND day < %s RETURNING file, readings, bytes",
                [policy.kind, _first_kept(now, policy.raw_days)],
            )
            gone = cursor.fetchall()
            rollups: dict[str, int] = {}
            for table, days in _tables(policy.raw_days, policy.rollup_days).items():
                cursor.execute(
                    f"DELETE FROM {table} WHERE at < %s"  # noqa: S608
                    " AND datastream_id IN (SELECT id FROM readings_datastream WHERE stream = %s)",
                    [stored_day(_first_kept(now, days))[0], policy.kind],
                )
                if cursor.rowcount:
                    rollups[table] = cursor.rowcount
            if gone or rollups:
                data: dict[str, object] = {
                    "version": policy.version,
                    "files": sorted(file for file, _, _ in gone),
                    "readings": sum(readings for _, readings, _ in gone),
                    "bytes": sum(size for _, _, size in gone),
                    "rollups": rollups,
                }
                _note(policy.kind, policy.why, data)
        files += len(gone)
    return files


def expired_kinds(day: date, *, now: datetime) -> list[str]:
    """Return the kinds whose readings of that day are no longer kept."""
    return [policy.kind for policy in policies() if day < _first_kept(now, policy.raw_days)]


def note_refused(day: date, readings: Mapping[str, int]) -> None:
    """Write down, within a transaction, how many readings came for a day that their kind no longer keeps."""
    for kind, count in sorted(readings.items()):
        _note(kind, "", {"readings": count, "day": day.isoformat(), "files": []})


def _note(kind: str, why: str, data: Mapping[str, object]) -> None:
    record(
        RETENTION,
        Change(
            action="retention_deleted", entity="retention", entity_id=kind, area_path=f"{DISTRICT}/", why=why, data=data
        ),
    )


def _tables(raw_days: int | None, rollup_days: int | None) -> dict[str, int | None]:
    return {"readings_minute": raw_days, **dict.fromkeys(_ROLLUPS, rollup_days)}


def _first_kept(now: datetime, days: int | None) -> date:
    """Return the first UTC day that is kept."""
    return date.min if days is None else now.astimezone(UTC).date() - timedelta(days=days)


def _require(actor: Actor) -> None:
    require(actor, Act.MANAGE_SETTINGS, area_path=f"{DISTRICT}/", unit_code="")


def _check(kind: str, raw_days: int | None, rollup_days: int | None) -> None:
    catalogue.current().stream(kind)
    least = settings.CONFIG.hot_days + 1
    for field, days in (("raw_days", raw_days), ("rollup_days", rollup_days)):
        if days is not None and not least <= days <= LONGEST_DAYS:
            raise Invalid("readings.retention_wrong", field=field, least=least, most=LONGEST_DAYS)
    if rollup_days is not None and (raw_days is None or raw_days > rollup_days):
        raise Invalid("readings.retention_shorter")
