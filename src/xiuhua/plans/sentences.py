"""The sentences of this room: its failures, and what may be wrong with a plan's file."""

from xiuhua.kernel.words import Label

SENTENCES = {
    "plans.no_plan": Label(
        zh="没有可用的行动计划；运行 xiuhua check 查看原因", en="No action plan could be read; xiuhua check says why"
    ),
    "plans.no_task": Label(zh="计划里没有第 {no} 项任务", en="The plan has no task {no}"),
}
FAULTS = {
    "plans.file_missing": Label(zh="没有计划文件 {file}", en="There is no plan file {file}"),
    "plans.unreadable": Label(zh="计划文件读不出来：{problem}", en="The plan file cannot be read: {problem}"),
    "plans.unknown_key": Label(zh="{where} 里没有 {key} 这一项", en="{where} has no entry called {key}"),
    "plans.missing": Label(zh="{where} 缺少 {key}", en="{where} lacks {key}"),
    "plans.wrong_kind": Label(zh="{where} 的 {key} 不合要求：应为{kind}", en="{key} of {where} must be {kind}"),
    "plans.twice": Label(zh="{where} 的 {id} 重复", en="{id} stands twice in {where}"),
    "plans.theme_unknown": Label(
        zh="任务 {no} 的主题 {id} 不存在", en="Task {no} names the theme {id}, which does not exist"
    ),
    "plans.half_bound": Label(
        zh="{where} 的 bound 与 figure 须同时写明或同时不写", en="{where} must give both bound and figure, or neither"
    ),
    "plans.two_grounds": Label(
        zh="{where} 不能既是计划写明的数（printed）又是读出来的数（read_as）",
        en="{where} cannot be both printed in the plan and our reading of it",
    ),
    "plans.not_a_share": Label(
        zh="{where} 的 figure 是 {figure}，而指标是比例，须在 0 与 1 之间",
        en="{where} has the figure {figure}, but its indicator is a share: 0 to 1",
    ),
    "plans.not_a_part": Label(
        zh="{where} 的 figure 是 {figure}，单位是 %；百分数写成小数，如 {part}",
        en="{where} has the figure {figure} and the unit %; a share is written as a part of one, such as {part}",
    ),
    "plans.unit_unknown": Label(
        zh="任务 {no} 的单位 {unit} 不在单位表中；改正代码，或去掉 unit 只留名称",
        en="Task {no} names the unit {unit}, which is not in the table of units; mend the code, or leave unit out",
    ),
    "plans.task_unknown": Label(
        zh="场景包 {pack} 说承担任务 {no}，而计划里没有这一项；改正 tasks",
        en="The pack {pack} says that it carries task {no}, which the plan does not have; mend tasks",
    ),
    "plans.indicator_unknown": Label(
        zh="{where} 指向 {id}，而场景包已装载却没有这个指标；写 built: false，或改正编号",
        en="{where} points to {id}, which its pack, though loaded, does not declare; say built: false or mend the id",
    ),
    "plans.indicator_built": Label(
        zh="{where} 写着 built: false，而指标 {id} 已有", en="{where} says built: false, but {id} is declared"
    ),
}
KINDS = {
    "text": Label(zh="文字", en="text"),
    "label": Label(zh="{zh: …, en: …}", en="{zh: …, en: …}"),
    "date": Label(zh="日期 YYYY-MM-DD", en="a date YYYY-MM-DD"),
    "number": Label(zh="数", en="a number"),
    "yes_no": Label(zh="true 或 false", en="true or false"),
    "id": Label(zh="小写英文编号", en="a lower-case id"),
    "full_id": Label(zh="“包.指标”形式的编号", en="a full id pack.indicator"),
    "bound": Label(zh="≥、>、≤、= 之一", en="one of ≥ > ≤ ="),
    "role": Label(
        zh="coordinates、leads、supports、implements 之一", en="one of coordinates, leads, supports, implements"
    ),
}
