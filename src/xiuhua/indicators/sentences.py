"""The sentences of this room's failures, and the names of its actions."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "indicators.no_value": Label(
        zh="指标没有编号为 {id} 的历史数值，可能已归并到当日最后一次",
        en="The indicator has no value {id}; it may have been merged into the last one of its day",
    ),
    "indicators.period": Label(
        zh="期间 {period} 不合要求：用 2026、2026-Q3、2026-11 或 2026-11-23",
        en="{period} is no period: use 2026, 2026-Q3, 2026-11 or 2026-11-23",
    ),
    "indicators.not_compilable": Label(
        zh="指标用到的 {what} 查不出来；其他指标照常", en="{what} cannot be queried; other indicators go on"
    ),
}
ACTIONS = {"recomputed": Label(zh="重新计算", en="Recomputed")}
