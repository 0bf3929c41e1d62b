"""Trials of rules in the background worker: run, and kept with what they found."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from xiuhua.catalog.actions import ask_for_trial
from xiuhua.catalog.in_force import declared_rule, rules_in_force
from xiuhua.catalog.models import RuleTrial
from xiuhua.catalog.values import Values, from_json, with_values
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Invalid
from xiuhua.readings.models import Datastream
from xiuhua.readings.trials import Counted, tried

log = logging.getLogger(__name__)

TASK = "xiuhua.readings.try_rule"
LOST_AFTER = timedelta(hours=2)
TOLD_EVERY = timedelta(seconds=1)


def start_trial(actor: Actor, rule_id: str, values: Values, *, begin: datetime, end: datetime) -> RuleTrial:
    """Try values for a rule in the background; raises NotFound, Refused, Invalid."""
    if declared_rule(rule_id).lately is not None:
        raise Invalid("readings.not_tried_on_devices", rule=rule_id)
    with transaction.atomic():
        trial = ask_for_trial(actor, rule_id, values, begin=begin, end=end)
        app.configure_task(TASK, queue="trials").defer(trial_id=trial.pk)
    return trial


def run_trial(trial_id: int) -> None:
    """Run one trial and keep what it found; one that is done, or that somebody else runs, is left alone."""
    if not RuleTrial.objects.filter(pk=trial_id, state="waiting").update(state="running"):
        return
    trial = RuleTrial.objects.get(pk=trial_id)
    try:
        values = from_json(trial.values)
        rule = with_values(declared_rule(trial.rule), values) if values.on else None
        before, after = tried(
            rules_in_force().rules.get(trial.rule), rule, trial.begin, trial.end, on_share=_teller(trial_id)
        )
    except Exception:
        log.exception("trial %s of %s failed", trial_id, trial.rule)
        RuleTrial.objects.filter(pk=trial_id).update(state="failed", done_at=timezone.now())
        return
    RuleTrial.objects.filter(pk=trial_id).update(
        state="done", share=1.0, done_at=timezone.now(), result=_rows(before, after)
    )


def drop_lost_trials() -> None:
    """Say of trials whose worker was lost that they failed; they are asked for again by hand."""
    lost = RuleTrial.objects.filter(state__in=("waiting", "running"), asked_at__lt=timezone.now() - LOST_AFTER)
    lost.update(state="failed", done_at=timezone.now())


def _rows(before: Counted, after: Counted) -> list[dict[str, object]]:
    """Return, by thing and local day, how many alarms there were and would have been, with whose it is to see."""
    streams = Datastream.objects.in_bulk({one for one, _ in before.began | after.began})
    return [
        {
            "object_id": str(streams[one].object_id), "code": streams[one].object_code,
            "area_path": streams[one].area_path, "unit_code": streams[one].unit_code,
            "day": (date(1970, 1, 1) + timedelta(days=day)).isoformat(),
            "before": before.began.get((one, day), 0), "after": after.began.get((one, day), 0),
        }
        for one, day in sorted(before.began | after.began)
        if one in streams
    ]  # fmt: skip


def _teller(trial_id: int) -> Callable[[float], None]:
    told = [timezone.now()]

    def tell(share: float) -> None:
        if timezone.now() - told[0] >= TOLD_EVERY:
            told[0] = timezone.now()
            RuleTrial.objects.filter(pk=trial_id).update(share=share)

    return tell


@app.task(name=TASK, queue="trials")
def try_rule(trial_id: int) -> None:
    """Run one trial."""
    run_trial(trial_id)
