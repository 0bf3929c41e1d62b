"""Acceptance sampling by attributes, lot by lot. Source: GB/T 2828.1-2012 (identical to ISO 2859-1:1999).

Normal single sampling for AQL 0.65 to 6.5 is proved cell by cell; tightened and reduced plans and the switching rules
carry `confirmed=False` in their source until compared with the standard's text.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xiuhua.engines.sampling.drawing import acceptance_probability, draw
from xiuhua.engines.sampling.switching import (
    REDUCED_FROM_SCORE,
    STOP_AFTER_REFUSED,
    Lot,
    Standing,
    standing_after,
)
from xiuhua.engines.sampling.switching import (
    SOURCE as SWITCHING_SOURCE,
)
from xiuhua.engines.sampling.tables import AQLS, Level, Plan, Severity, code_letter, one_step_tighter, plan, table_plan
from xiuhua.kernel.engines import Port
from xiuhua.kernel.quantities import RATIO
from xiuhua.kernel.words import Label

__all__ = [
    "AQLS",
    "INPUTS",
    "OUTPUTS",
    "REDUCED_FROM_SCORE",
    "STOP_AFTER_REFUSED",
    "SWITCHING_SOURCE",
    "Level",
    "Lot",
    "Plan",
    "Severity",
    "Standing",
    "acceptance_probability",
    "code_letter",
    "draw",
    "one_step_tighter",
    "plan",
    "standing_after",
    "table_plan",
]

_LOT_SIZE = Port(name="lot_size", meaning=Label(zh="批量", en="Items in the lot"), example=600)
_AQL = Port(name="aql", meaning=Label(zh="接收质量限（百分不合格品）", en="AQL, percent nonconforming"), example=4.0)

INPUTS: Mapping[str, tuple[Port, ...]] = {
    "plan": (
        _LOT_SIZE,
        Port(name="level", meaning=Label(zh="检验水平", en="Inspection level"), example=Level.TWO),
        _AQL,
        Port(name="severity", meaning=Label(zh="检验严格性", en="Severity"), example=Severity.NORMAL),
    ),
    "standing_after": (
        Port(
            name="lots",
            meaning=Label(zh="历批结果（旧在前）", en="Results of earlier lots, oldest first"),
            shape="(m,)",
            example=(Lot(accepted=False), Lot(accepted=True), Lot(accepted=False)),
        ),
        Port(
            name="reduced_allowed",
            meaning=Label(zh="生产稳定且主管方同意放宽", en="Steady, and the authority agrees to reduce"),
            optional=True,
            example=False,
        ),
        Port(
            name="resumed",
            meaning=Label(zh="暂停后已整改，恢复检验", en="Mended since a stop; inspection resumes"),
            optional=True,
            example=False,
        ),
    ),
    "draw": (
        Port(
            name="codes",
            meaning=Label(zh="批内编码（升序）", en="Codes in the lot, ascending"),
            shape="(N,)",
            example=tuple(f"S{number:04d}" for number in range(600)),
        ),
        Port(name="n", meaning=Label(zh="样本量", en="Sample size"), example=80),
        Port(name="seed", meaning=Label(zh="随机种子", en="Seed"), example=20260101),
    ),
    "acceptance_probability": (
        Port(name="n", meaning=Label(zh="样本量", en="Sample size"), example=80),
        Port(name="accept", meaning=Label(zh="接收数 Ac", en="Acceptance number Ac"), example=7),
        Port(
            name="fraction",
            meaning=Label(zh="不合格品率", en="Fraction nonconforming"),
            shape="(k,)",
            quantity=RATIO,
            example=np.array([0.0, 0.04, 0.1, 1.0]),
        ),
        Port(name="lot_size", meaning=Label(zh="批量", en="Items in the lot"), optional=True, example=600),
    ),
}  # fmt: skip

OUTPUTS: Mapping[str, tuple[Port, ...]] = {
    "plan": (
        Port(name="letter", meaning=Label(zh="样本量字码", en="Code letter")),
        Port(name="plan_letter", meaning=Label(zh="箭头所指字码", en="Letter that the arrows lead to")),
        Port(name="severity", meaning=Label(zh="检验严格性", en="Severity")),
        Port(name="aql", meaning=_AQL.meaning),
        Port(name="n", meaning=Label(zh="样本量", en="Sample size")),
        Port(name="plan_n", meaning=Label(zh="表列样本量", en="Sample size in the table")),
        Port(name="accept", meaning=Label(zh="接收数 Ac", en="Acceptance number Ac")),
        Port(name="reject", meaning=Label(zh="拒收数 Re", en="Rejection number Re")),
        Port(name="whole_lot", meaning=Label(zh="是否全检", en="Every item is inspected")),
        Port(name="source", meaning=Label(zh="出处", en="Source")),
    ),
    "standing_after": (
        Port(name="severity", meaning=Label(zh="下一批的严格性", en="Severity for the next lot")),
        Port(name="score", meaning=Label(zh="转移得分", en="Switching score")),
        Port(
            name="refused_under_tightened",
            meaning=Label(zh="加严下累计不接收批数", en="Lots refused under tightened inspection"),
        ),
        Port(name="stopped", meaning=Label(zh="是否暂停检验", en="Inspection is discontinued")),
    ),
    "draw": (Port(name="result", shape="(n,)", meaning=Label(zh="抽中的编码", en="Codes drawn")),),
    "acceptance_probability": (
        Port(name="result", shape="(k,)", quantity=RATIO, meaning=Label(zh="接收概率", en="Chance of acceptance")),
    ),
}
