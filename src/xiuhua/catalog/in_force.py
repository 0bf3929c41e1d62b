"""The rules in force: what the packs declare, under the newest values that users laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Max

from xiuhua.catalog.catalogue import Catalogue, current
from xiuhua.catalog.limits import stream_or_none
from xiuhua.catalog.models import RuleVersion
from xiuhua.catalog.values import Values, from_json, values_of, with_values
from xiuhua.kernel.errors import NotFound
from xiuhua.kernel.streams import Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class RulesInForce:
    """The rules that are switched on, by full id, as of a version of all that is laid over them (0: nothing is)."""

    version: int
    catalogue: Catalogue
    rules: Mapping[str, Rule]


_known: list[RulesInForce] = []


def rules_in_force() -> RulesInForce:
    """Return the rules in force now: the same object for as long as nothing changed, which one small query tells."""
    catalogue = current()
    version = RuleVersion.objects.aggregate(newest=Max("id"))["newest"] or 0
    if not _known or _known[0].version != version or _known[0].catalogue is not catalogue:
        newest = newest_versions()
        rules = {
            rule_id: effective
            for rule_id, rule in catalogue.rules.items()
            if (effective := effective_rule(rule, newest.get(rule_id))) is not None
        }
        _known[:] = [RulesInForce(version=version, catalogue=catalogue, rules=rules)]
    return _known[0]


def newest_versions() -> dict[str, RuleVersion]:
    """Return the newest version of each rule that has one."""
    newest = RuleVersion.objects.order_by("rule", "-number").distinct("rule")
    return {one.rule: one for one in newest}


def applies(rule: Rule, version: RuleVersion | None) -> bool:
    """Return whether values laid over a rule count: not where the pack's own were taken up again, nor where the pack
    has come to declare another condition.
    """
    return version is not None and bool(version.values) and version.condition == "".join(rule.conditions)


def effective_rule(rule: Rule, version: RuleVersion | None) -> Rule | None:
    """Return the rule with what is laid over it, None where it is switched off."""
    if version is None or not applies(rule, version):
        return rule
    values = from_json(version.values)
    return with_values(rule, values) if values.on else None


def effective_values(rule: Rule, version: RuleVersion | None) -> Values:
    """Return a rule's values in force."""
    if version is not None and applies(rule, version):
        return from_json(version.values)
    return declared_values(rule)


def declared_values(rule: Rule) -> Values:
    """Return the values that the pack declares."""
    stream = stream_or_none(rule.on, current())
    return values_of(rule, stream.silent_after if stream is not None else None)


def declared_rule(rule_id: str) -> Rule:
    """Return a rule as its pack declares it; raises NotFound."""
    rule = current().rules.get(rule_id)
    if rule is None:
        raise NotFound("catalog.unknown", kind="rule", id=rule_id)
    return rule
