"""What users lay over declared rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction

from xiuhua.catalog.catalogue import current
from xiuhua.catalog.checks.rules import problems
from xiuhua.catalog.in_force import declared_rule, declared_values, effective_values, newest_versions
from xiuhua.catalog.messages import MESSAGES
from xiuhua.catalog.models import RuleTrial, RuleVersion
from xiuhua.catalog.values import Values, as_json, with_values
from xiuhua.kernel.actor import Actor
from xiuhua.kernel.errors import Conflict, Invalid, NotFound, Refused
from xiuhua.kernel.streams import Rule
from xiuhua.kernel.words import Act, Label
from xiuhua.ledger.actions import Change, announce, record
from xiuhua.people.policy import may
from xiuhua.people.queries import root_path

LONGEST_TRIAL = timedelta(days=92)
LAYING = 0x72756C65
"""The first key of the advisory locks under which one rule gets its versions one after another."""


def lay_over(actor: Actor, rule_id: str, values: Values, *, why: str, expected: int | None = None) -> RuleVersion:
    """Make values the ones in force for a rule, as its next version; it counts from the next reading on.

    `expected` is the version that the user saw. Raises NotFound, Refused, Invalid, and Conflict where there is a newer
    version or nothing would change.
    """
    rule = _allowed(actor, rule_id, why)
    check_values(rule, values)
    return _made(actor, rule, values, as_json(values), why=why, expected=expected)


def go_back(actor: Actor, rule_id: str, number: int, *, why: str) -> RuleVersion:
    """Take up the values of an earlier version again (0: those the pack declares), as the rule's next version. Raises
    NotFound, Refused, Invalid, Conflict.
    """
    rule = _allowed(actor, rule_id, why)
    if number == 0:
        return _made(actor, rule, declared_values(rule), {}, why=why, expected=None)
    earlier = RuleVersion.objects.filter(rule=rule_id, number=number).first()
    if earlier is None:
        raise NotFound("catalog.unknown", kind="rule_version", id=f"{rule_id} {number}")
    values = effective_values(rule, earlier)
    check_values(rule, values)
    return _made(actor, rule, values, earlier.values, why=why, expected=None)


def check_values(rule: Rule, values: Values) -> None:
    """Raise Invalid for values that the rule cannot have, saying which and why."""
    grades = [level.grade for level in values.levels]
    if grades != [level.grade for level in rule.levels]:
        raise Invalid("catalog.rule_levels", rule=rule.id)
    declared = declared_values(rule)
    if (values.value is None) != (declared.value is None):
        raise Invalid("catalog.rule_value", rule=rule.id)
    for problem in problems(with_values(rule, values), current()):
        message = MESSAGES[problem.code]
        raise Invalid(
            "catalog.rule_values_wrong",
            problem_zh=message.zh.format(where=rule.id, **_in("zh", problem.params)),
            problem_en=message.en.format(where=rule.id, **_in("en", problem.params)),
        )


def ask_for_trial(actor: Actor, rule_id: str, values: Values, *, begin: datetime, end: datetime) -> RuleTrial:
    """Note that somebody wants values tried on the readings of [begin, end); raises NotFound, Refused, Invalid."""
    rule = declared_rule(rule_id)
    if not (may_tune(actor) or any(Act.RUN_ANALYSIS in grant.acts for grant in actor.grants)):
        raise Refused("people.act_not_allowed", act=Act.RUN_ANALYSIS.value)
    if not timedelta(0) < end - begin <= LONGEST_TRIAL:
        raise Invalid("catalog.trial_period", days=LONGEST_TRIAL.days)
    check_values(rule, values)
    with transaction.atomic():
        trial = RuleTrial.objects.create(
            rule=rule_id, values=as_json(values), begin=begin, end=end, asked_by=actor.code, asked_by_name=actor.name
        )  # fmt: skip
        record(
            actor,
            Change(
                action="tried", entity="rule", entity_id=rule_id, area_path=root_path(),
                data={"trial": trial.pk, "values": as_json(values)},
            ),
        )  # fmt: skip
    return trial


def may_tune(actor: Actor) -> bool:
    """Return whether the actor may change rules: they count for the whole district."""
    return may(actor, Act.TUNE_RULES, area_path=root_path(), unit_code="")


def _allowed(actor: Actor, rule_id: str, why: str) -> Rule:
    rule = declared_rule(rule_id)
    if not may_tune(actor):
        raise Refused("people.act_not_allowed", act=Act.TUNE_RULES.value)
    if not why.strip():
        raise Invalid("catalog.why_missing")
    return rule


def _made(
    actor: Actor, rule: Rule, values: Values, kept: dict[str, object], *, why: str, expected: int | None
) -> RuleVersion:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (LAYING, rule.id))
        newest = newest_versions().get(rule.id)
        number = newest.number if newest is not None else 0
        if expected is not None and expected != number:
            assert newest is not None
            raise Conflict("catalog.rule_moved_on", number=number, by=newest.made_by_name)
        before = effective_values(rule, newest)
        if values == before and (kept or newest is None or not newest.values):
            raise Conflict("catalog.rule_same")
        made = RuleVersion.objects.create(
            rule=rule.id, number=number + 1, condition="".join(rule.conditions), values=kept, made_by=actor.code,
            made_by_name=actor.name, why=why.strip(),
        )  # fmt: skip
        record(
            actor,
            Change(
                action="laid_over", entity="rule", entity_id=rule.id, area_path=root_path(), why=why.strip(),
                data={"number": made.number, "before": as_json(before), "after": as_json(values)},
            ),
        )  # fmt: skip
        announce("rule.changed", area_path=root_path(), rule=rule.id, number=made.number, on=values.on)
    return made


def _in(language: str, params: Mapping[str, str | Label]) -> dict[str, object]:
    return {key: word.in_language(language) if isinstance(word, Label) else word for key, word in params.items()}
