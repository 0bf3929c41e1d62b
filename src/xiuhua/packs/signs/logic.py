"""The pure functions that the tables of this pack name."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.engines.sampling import (
    AQLS,
    STOP_AFTER_REFUSED,
    Level,
    Lot,
    Plan,
    Severity,
    Standing,
    draw,
    one_step_tighter,
    plan,
    standing_after,
    table_plan,
)
from xiuhua.kernel.expressions import Scalar
from xiuhua.kernel.packs import Finding
from xiuhua.kernel.words import Label

SEVERITIES = {
    Severity.NORMAL: Label(zh="正常检验", en="normal inspection"),
    Severity.TIGHTENED: Label(zh="加严检验", en="tightened inspection"),
    Severity.REDUCED: Label(zh="放宽检验", en="reduced inspection"),
}


def aql_choice(aql: float) -> str:
    """Return the choice id of an AQL: 0.65 → aql_0_65."""
    return f"aql_{aql}".replace(".", "_")


def level_choice(level: Level) -> str:
    """Return the choice id of an inspection level: S-1 → s_1, II → ii."""
    return level.value.lower().replace("-", "_")


_AQL_OF = {aql_choice(aql): aql for aql in AQLS}
_LEVEL_OF = {level_choice(level): level for level in Level}


def draw_sample(codes: tuple[str, ...], parameters: Mapping[str, object], seed: int) -> Finding:
    """Propose which signs of a town's lot to inspect; nothing once five tightened lots were refused."""
    standing = standing_after(
        lots=_lots(parameters),
        reduced_allowed=parameters.get("reduced_allowed") is True,
        resumed=parameters.get("resumed") is True,
    )
    if not codes:
        return Finding(figures={"lot_size": 0, "stopped": standing.stopped}, notes=(_EMPTY,))
    terms = plan(
        lot_size=len(codes),
        level=_LEVEL_OF[str(parameters["level"])],
        aql=_AQL_OF[str(parameters["aql"])],
        severity=standing.severity,
    )
    if standing.stopped:
        return Finding(figures=_figures(len(codes), terms, standing), notes=(_STOPPED, _UNCONFIRMED_SWITCHING))
    chosen = draw(codes=codes, n=terms.n, seed=seed)
    reason = _reason(len(codes), terms)
    return Finding(
        figures=_figures(len(codes), terms, standing),
        chosen=chosen,
        reasons={code: reason for code in chosen},
        notes=tuple(_notes(terms)),
    )


def judge_lot(figures: Mapping[str, object], nonconforming: int) -> str:
    """Return accepted or rejected for a lot with that many nonconforming signs in its sample."""
    accept = figures["accept"]
    if not isinstance(accept, int | float):
        raise TypeError("the lot was drawn without an acceptance number")
    return "accepted" if nonconforming <= accept else "rejected"


def _lots(parameters: Mapping[str, object]) -> tuple[Lot, ...]:
    history, figures = parameters.get("history", ()), parameters.get("history_figures", ())
    if not isinstance(history, tuple | list) or not isinstance(figures, tuple | list):
        raise TypeError("history and history_figures are sequences")
    known = figures or [{}] * len(history)
    return tuple(_lot(outcome, found) for outcome, found in zip(history, known, strict=True))


def _lot(outcome: object, figures: Mapping[str, object]) -> Lot:
    """Return a lot as the switching score needs it; what its round does not tell earns no points."""
    accept, aql, defects = figures.get("accept"), figures.get("aql"), figures.get("defects")
    if not isinstance(accept, int) or not isinstance(aql, float | int) or not isinstance(defects, int):
        return Lot(accepted=outcome == "accepted")
    tighter = one_step_tighter(aql=float(aql))
    if tighter is None:
        return Lot(accepted=outcome == "accepted", accept=accept)
    _, n, tighter_accept, _ = table_plan(
        letter=str(figures["plan_letter"]), aql=tighter, severity=Severity(str(figures["severity"]))
    )
    comparable = n == figures.get("plan_n")
    return Lot(
        accepted=outcome == "accepted",
        accept=accept,
        accepted_tighter=defects <= tighter_accept if comparable else None,
    )


def _figures(lot_size: int, terms: Plan, standing: Standing) -> dict[str, Scalar]:
    return {
        "lot_size": lot_size,
        "n": 0 if standing.stopped else terms.n,
        "plan_n": terms.plan_n,
        "accept": terms.accept,
        "reject": terms.reject,
        "aql": terms.aql,
        "letter": terms.letter,
        "plan_letter": terms.plan_letter,
        "severity": terms.severity.value,
        "whole_lot": terms.whole_lot,
        "score": standing.score,
        "refused_under_tightened": standing.refused_under_tightened,
        "stopped": standing.stopped,
        "table_confirmed": terms.confirmed,
    }


def _reason(lot_size: int, terms: Plan) -> Label:
    if terms.whole_lot:
        return Label(
            zh=f"样本量不小于批量（{lot_size}），全数检验", en=f"The sample is as large as the lot ({lot_size}): all"
        )
    return Label(zh=f"{lot_size} 件中随机抽取 {terms.n} 件", en=f"One of {terms.n} drawn at random from {lot_size}")


def _notes(terms: Plan) -> list[Label]:
    severity = SEVERITIES[terms.severity]
    notes = [
        Label(
            zh=f"{severity.zh}：字码 {terms.letter}，样本量 {terms.n}，接收数 {terms.accept}，拒收数 {terms.reject}",
            en=f"{severity.en.capitalize()}: letter {terms.letter}, sample {terms.n}, accept {terms.accept}, "
            f"reject {terms.reject}",
        )
    ]
    if terms.plan_letter != terms.letter:
        notes.append(
            Label(zh=f"按表中箭头改用字码 {terms.plan_letter}", en=f"The table's arrow leads to {terms.plan_letter}")
        )
    if not terms.confirmed:
        clause = terms.source.clause
        notes.append(
            Label(zh=f"待核：{severity.zh}{clause}尚未与标准原文核对", en=f"To be confirmed: {clause} of the standard")
        )
    notes.append(_UNCONFIRMED_SWITCHING)
    return notes


_EMPTY = Label(zh="该范围没有在册店招，无须抽样", en="No shop sign is on record there; nothing to draw")
_STOPPED = Label(
    zh=f"加严检验已累计 {STOP_AFTER_REFUSED} 批不接收，抽检暂停：先整改，再选“暂停后已整改，恢复抽检”",
    en=f"{STOP_AFTER_REFUSED} lots were refused under tightened inspection; sampling stops until things are mended "
    "and the run says so",
)
_UNCONFIRMED_SWITCHING = Label(
    zh="待核：转移规则（正常、加严、放宽、暂停）尚未与标准原文核对",
    en="To be confirmed: the rules for switching between normal, tightened and reduced inspection and for stopping",
)
