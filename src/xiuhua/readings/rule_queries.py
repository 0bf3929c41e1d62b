"""What may be read of rules, their versions and trials. Rules are everybody's; things and alarms are of one's sight."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from xiuhua.catalog.actions import may_tune
from xiuhua.catalog.catalogue import current
from xiuhua.catalog.in_force import (
    applies,
    declared_rule,
    declared_values,
    effective_rule,
    effective_values,
    newest_versions,
)
from xiuhua.catalog.limits import rule_words, stream_or_none
from xiuhua.catalog.models import RuleTrial, RuleVersion
from xiuhua.catalog.values import LevelValues, Values, from_json
from xiuhua.http.words import Label, label, source_note
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.streams import Rule
from xiuhua.kernel.words import Act
from xiuhua.kernel.words import Label as Words
from xiuhua.people.policy import sees, visible
from xiuhua.readings.models import Alarm
from xiuhua.readings.rule_schemas import (
    RulePage,
    RuleRow,
    RuleValuesView,
    RuleVersionRow,
    TrialDay,
    TrialResult,
    TrialRow,
    TrialState,
    TrialThing,
)

TRIALS_SHOWN = 10
THINGS_SHOWN = 200
SPREADS, SECONDS, NOTHING = Words(zh="倍离散度", en="spreads"), Words(zh="秒", en="s"), Words(zh="", en="")
TIMES = Words(zh="次", en="times")


def rule_rows(actor: Actor) -> list[RuleRow]:
    """Return every declared rule as it is in force; `standing` counts the alarms that the actor may see."""
    newest = newest_versions()
    standing = _standing(actor)
    return [_row(rule, newest.get(rule.id), standing[rule.id]) for rule in current().rules.values()]


def rule_page(actor: Actor, rule_id: str) -> RulePage:
    """Return one rule with everything about it; raises NotFound."""
    rule = declared_rule(rule_id)
    versions = list(RuleVersion.objects.filter(rule=rule_id).order_by("-number"))
    newest = versions[0] if versions else None
    stream = stream_or_none(rule.on, current())
    unit = stream.quantity.unit if stream is not None and stream.quantity is not None else ""
    value_unit = Words(zh=unit, en=unit)
    if rule.spike is not None or rule.band is not None:
        value_unit = SPREADS
    elif rule.silent or rule.stuck is not None:
        value_unit = SECONDS
    elif rule.among or rule.unusable is not None:
        value_unit = NOTHING
    elif rule.flaps is not None:
        value_unit = TIMES
    trials = RuleTrial.objects.filter(rule=rule_id).order_by("-asked_at", "-id").defer("result")[:TRIALS_SHOWN]
    return RulePage(
        rule=_row(rule, newest, _standing(actor)[rule_id]),
        kind="".join(rule.conditions),
        value_unit=label(value_unit),
        unit=unit,
        values=values_view(effective_values(rule, newest)),
        declared=values_view(declared_values(rule)),
        declared_condition=label(rule_words(rule, current())),
        versions=[
            RuleVersionRow(
                number=one.number, values=values_view(from_json(one.values)) if one.values else None,
                made_at=one.made_at, made_by=one.made_by, made_by_name=one.made_by_name, why=one.why,
            )
            for one in versions
        ],
        trials=[trial_row(one) for one in trials],
        may_tune=may_tune(actor),
        may_try=may_tune(actor) or any(Act.RUN_ANALYSIS in grant.acts for grant in actor.grants),
    )  # fmt: skip


def trial_result(actor: Actor, rule_id: str, trial_id: int) -> TrialResult:
    """Return a trial with what it found among the things that the actor may see; raises NotFound."""
    rule = declared_rule(rule_id)
    trial = RuleTrial.objects.filter(pk=trial_id, rule=rule_id).first()
    if trial is None:
        raise NotFound("people.not_visible")
    mine = [
        row for row in trial.result or ()
        if sees(actor, area_path=row["area_path"], unit_code=row["unit_code"])
    ]  # fmt: skip
    days: dict[str, list[int]] = {}
    things: dict[str, list[int]] = {}
    codes: dict[str, str] = {}
    for row in mine:
        codes[row["object_id"]] = row["code"]
        for table, key in ((days, row["day"]), (things, row["object_id"])):
            sums = table.setdefault(key, [0, 0])
            sums[0] += row["before"]
            sums[1] += row["after"]
    most = sorted(things, key=lambda one: (-abs(things[one][0] - things[one][1]), -max(things[one]), codes[one]))
    return TrialResult(
        trial=trial_row(trial),
        before=sum(row["before"] for row in mine),
        after=sum(row["after"] for row in mine),
        days=[TrialDay.model_validate({"day": day, "before": days[day][0], "after": days[day][1]})
              for day in sorted(days)],
        things=[
            TrialThing(object_id=one, type=rule.on[0], code=codes[one], before=things[one][0], after=things[one][1])
            for one in most[:THINGS_SHOWN]
        ],
    )  # fmt: skip


def trial_row(trial: RuleTrial) -> TrialRow:
    """Return a trial as lists carry it."""
    return TrialRow(
        id=trial.pk, rule=trial.rule, values=values_view(from_json(trial.values)), begin=trial.begin, end=trial.end,
        state=TrialState(trial.state), share=trial.share, asked_at=trial.asked_at, asked_by_name=trial.asked_by_name,
        done_at=trial.done_at,
    )  # fmt: skip


def values_view(values: Values) -> RuleValuesView:
    """Return values as answers carry them."""
    return RuleValuesView.model_validate(asdict(values))


def values_given(view: RuleValuesView) -> Values:
    """Return values that were sent."""
    given = view.model_dump()
    return Values(**{**given, "levels": tuple(LevelValues(**level) for level in given["levels"])})


def _standing(actor: Actor) -> Counter[str]:
    return Counter(Alarm.objects.filter(visible(actor), closed_at=None).values_list("rule", flat=True))


def _row(rule: Rule, newest: RuleVersion | None, standing: int) -> RuleRow:
    effective = effective_rule(rule, newest)
    stream = stream_or_none(rule.on, current())
    name = stream.label if stream is not None else Words(zh=rule.on[1], en=rule.on[1])
    shown: Label = label(rule_words(effective or rule, current()))
    return RuleRow(
        id=rule.id, pack=rule.id.partition(".")[0], label=label(rule.label), type=rule.on[0], stream=rule.on[1],
        stream_label=label(name), condition=shown, grade=rule.grade, opens=rule.opens,
        source=source_note(rule.source), on=effective is not None, version=newest.number if newest else 0,
        changed=applies(rule, newest), standing=standing,
    )  # fmt: skip
