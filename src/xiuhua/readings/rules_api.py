"""HTTP of rules: what is in force, what is laid over it, and trials."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from xiuhua.catalog.actions import go_back, lay_over
from xiuhua.http.signed_in import actor_of
from xiuhua.readings.rule_queries import rule_page, rule_rows, trial_result, values_given
from xiuhua.readings.rule_schemas import RuleLaying, RulePage, RuleReason, RuleRow, TrialAsked, TrialResult
from xiuhua.readings.trial_jobs import start_trial

router = Router(tags=["rules"])


@router.get("/rules", response=list[RuleRow])
def list_rules(request: HttpRequest) -> list[RuleRow]:
    """List the rules as they are in force."""
    return rule_rows(actor_of(request))


@router.get("/rules/{rule_id}", response=RulePage)
def get_rule(request: HttpRequest, rule_id: str) -> RulePage:
    """Give one rule with its versions and latest trials."""
    return rule_page(actor_of(request), rule_id)


@router.post("/rules/{rule_id}/versions", response=RulePage)
def lay_over_rule(request: HttpRequest, rule_id: str, given: RuleLaying) -> RulePage:
    """Lay other values over the rule; they count from the next reading on."""
    lay_over(actor_of(request), rule_id, values_given(given.values), why=given.why, expected=given.expected)
    return rule_page(actor_of(request), rule_id)


@router.post("/rules/{rule_id}/versions/{int:number}/restore", response=RulePage)
def restore_rule(request: HttpRequest, rule_id: str, number: int, given: RuleReason) -> RulePage:
    """Take up an earlier version again; 0 is what the pack declares."""
    go_back(actor_of(request), rule_id, number, why=given.why)
    return rule_page(actor_of(request), rule_id)


@router.post("/rules/{rule_id}/trials", response=TrialResult)
def try_rule(request: HttpRequest, rule_id: str, given: TrialAsked) -> TrialResult:
    """Try other values on stored readings, in the background."""
    trial = start_trial(
        actor_of(request), rule_id, values_given(given.values), begin=given.begin, end=given.end
    )  # fmt: skip
    return trial_result(actor_of(request), rule_id, trial.pk)


@router.get("/rules/{rule_id}/trials/{int:trial_id}", response=TrialResult)
def get_trial(request: HttpRequest, rule_id: str, trial_id: int) -> TrialResult:
    """Give a trial and what it found."""
    return trial_result(actor_of(request), rule_id, trial_id)
