"""The sentences of this room's failures."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "catalog.unknown": Label(zh="没有名为 {id} 的定义", en="Nothing is declared as {id}"),
    "catalog.pack_id": Label(
        zh="场景包编号 {id} 不合要求：用小写英文字母、数字和下划线，以字母开头",
        en="{id} cannot be a pack id: lower-case letters, digits and underscores, letters first",
    ),
    "catalog.pack_id_taken": Label(
        zh="编号 {id} 已由场景包 {folder} 使用，另取一个编号",
        en="The id {id} is that of the pack {folder}; choose another",
    ),
    "catalog.pack_exists": Label(
        zh="文件夹 {folder} 已存在，没有改动；换一个编号或先移走它",
        en="The folder {folder} is already there and was left as it is; take another id or move it away",
    ),
    "catalog.why_missing": Label(zh="写明理由后再提交", en="Give the reason, then send again"),
    "catalog.rule_levels": Label(
        zh="规则 {rule} 的分级与定义不符；刷新后重新填写",
        en="The levels do not fit those of the rule {rule}; reload and fill them in again",
    ),
    "catalog.rule_value": Label(
        zh="规则 {rule} 的阈值没有填写，或这条规则没有阈值可改",
        en="The limit of {rule} is missing, or this rule has none to change",
    ),
    "catalog.rule_values_wrong": Label(zh="{problem_zh}", en="{problem_en}"),
    "catalog.rule_moved_on": Label(
        zh="{by} 已改为第 {number} 版，本次没有改动；刷新后再看",
        en="{by} made version {number} meanwhile; nothing was changed. Reload to see it",
    ),
    "catalog.trial_period": Label(
        zh="试算的时段须在 {days} 天以内，且开始早于结束",
        en="A trial covers at most {days} days, and begins before it ends",
    ),
    "catalog.rule_same": Label(zh="与现行值相同，没有改动", en="These values are in force; nothing was changed"),
}
ACTIONS = {"laid_over": Label(zh="调整规则", en="Rule changed"), "tried": Label(zh="试算规则", en="Rule tried")}
