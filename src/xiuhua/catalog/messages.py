"""The sentences of the catalogue's faults: code → Label with {param} places."""

from __future__ import annotations

from xiuhua.kernel.words import Label

MESSAGES: dict[str, Label] = {
    "catalog.folder_missing": Label(zh="没有这个场景包文件夹：{folder}", en="There is no pack folder {folder}"),
    "catalog.manifest_missing": Label(zh="缺少 manifest.toml", en="manifest.toml is missing"),
    "catalog.manifest_unreadable": Label(
        zh="manifest.toml 读不出来：{problem}", en="manifest.toml cannot be read: {problem}"
    ),
    "catalog.manifest_field": Label(
        zh="manifest.toml 的 {field} 不合要求：{problem}", en="{field} in manifest.toml cannot be taken: {problem}"
    ),
    "catalog.pack_twice": Label(
        zh="场景包编号 {id} 已被 {folder} 使用，本文件夹未装载",
        en="Pack id {id} is already used by {folder}; this folder is left out",
    ),
    "catalog.import_failed": Label(zh="pack.py 运行失败：{problem}", en="pack.py failed: {problem}"),
    "catalog.no_pack": Label(zh="pack.py 里没有 PACK = Pack(...)", en="pack.py does not say PACK = Pack(...)"),
    "catalog.check_failed": Label(
        zh="定义读不懂，检查中断：{problem}", en="The declarations cannot be read; the check broke off: {problem}"
    ),
    "catalog.no_objects": Label(
        zh="公共台账模块里没有 OBJECTS = (ObjectType, ...)",
        en="This register module does not say OBJECTS = (ObjectType, ...)",
    ),
    "catalog.off": Label(
        zh="{where} 暂停使用：它需要的 {needs} 所在场景包未装载",
        en="{where} is off: it needs {needs}, whose pack is not there",
    ),
    "catalog.need_undeclared": Label(
        zh="{where} 用到其他场景包的 {id}，但 manifest.toml 的 needs 没有写",
        en="{where} uses {id} of another pack, but needs in manifest.toml does not say so",
    ),
    "catalog.reference_unknown": Label(
        zh="{where} 指向不存在的 {kind}：{id}", en="{where} points to {kind} {id}, which does not exist"
    ),
    "catalog.label_missing": Label(zh="{where} 缺少{language}名称", en="{where} lacks its {language} label"),
    "catalog.id_form": Label(
        zh="编号 {id} 只能用小写英文字母、数字和下划线，并以字母开头",
        en="Id {id} may only hold lower-case letters, digits and underscores, and begins with a letter",
    ),
    "catalog.id_twice": Label(zh="编号 {id} 重复", en="Id {id} is used twice"),
    "catalog.choice_empty": Label(zh="{where} 是选项属性，但没有选项", en="{where} is a choice without choices"),
    "catalog.choice_idle": Label(zh="{where} 有选项，但不是选项属性", en="{where} has choices but is not a choice"),
    "catalog.quantity_idle": Label(
        zh="{where} 有计量单位，但不是数值属性", en="{where} has a quantity but is not a number"
    ),
    "catalog.range_empty": Label(zh="{where} 的最小值大于最大值", en="{where} has a minimum above its maximum"),
    "catalog.pattern_broken": Label(
        zh="{where} 的格式表达式不合法：{problem}", en="{where} has a pattern that cannot be read: {problem}"
    ),
    "catalog.link_near": Label(
        zh="{where} 是邻近关联，须写明 within_m", en="{where} links what is near and must say within_m"
    ),
    "catalog.link_upstream": Label(
        zh="{where} 是上游关联，需要管网才能找到，现在还没有；改用按编号的关联",
        en="{where} links what is upstream, which needs a network that is not there yet; use a link by key",
    ),
    "catalog.link_idle": Label(
        zh="{where} 写了 {setting}，这种关联用不到它；去掉", en="{where} says {setting}, which such a link does not use"
    ),
    "catalog.link_shape": Label(
        zh="{where} 按空间关联，但 {id} 没有空间形状", en="{where} links by geometry, but {id} has none"
    ),
    "catalog.never_unknown": Label(
        zh="{where} 的 never 提到不存在的关联 {id}", en="{where} names the link {id} in never, which does not exist"
    ),
    "catalog.stream_time": Label(
        zh="{where} 的上报间隔和静默时限须是大于零的自然时间",
        en="{where} needs a cadence and a silence limit in calendar time above zero",
    ),
    "catalog.case_empty": Label(zh="{where} 没有状态或没有办结状态", en="{where} has no states, or none that is done"),
    "catalog.start_not_open": Label(
        zh="{where} 的第一个状态须是进行中的状态", en="The first state of {where} must be open"
    ),
    "catalog.state_unreachable": Label(
        zh="{where} 从起始状态走不到", en="{where} cannot be reached from the first state"
    ),
    "catalog.state_no_way_out": Label(zh="{where} 走不到任何办结状态", en="From {where} no done state can be reached"),
    "catalog.state_no_owner": Label(zh="{where} 没有责任岗位", en="{where} has no owner"),
    "catalog.state_no_limit": Label(zh="{where} 没有时限", en="{where} has no limit"),
    "catalog.state_closed_moves": Label(zh="{where} 从已结束的状态出发", en="{where} leaves a state that is not open"),
    "catalog.post_unknown": Label(
        zh="{where} 指向不存在的岗位 {id}", en="{where} names the post {id}, which does not exist"
    ),
    "catalog.handles_and_verifies": Label(
        zh="{where} 既是处置又是核查：处置的人不得核查",
        en="{where} both handles and verifies: who handles may not verify",
    ),
    "catalog.handler_verifies": Label(
        zh="{where} 由处置岗位 {post} 核查：处置的人不得核查",
        en="{where} is verified by {post}, who handled it: who handles may not verify",
    ),
    "catalog.handler_closes": Label(
        zh="{where} 从处置状态直接办结，没有经过核查", en="{where} closes straight from handling, unverified"
    ),
    "catalog.nobody_verifies": Label(
        zh="{where} 没有处置状态，也没有核查状态：处置和核查须分开写明",
        en="{where} marks no state as handling or verifying; say who handles and who verifies",
    ),
    "catalog.not_built": Label(
        zh="{where} 写了 {part}，平台还没有做这一项；去掉后再装载",
        en="{where} says {part}, which the platform does not do yet; take it out",
    ),
    "catalog.clears_alarm_open": Label(
        zh="{where} 解除告警，但走到的状态 {id} 没有结束；只有办结或作废的一步能解除告警",
        en="{where} clears the alarm but leads to {id}, which is still open; only a move to a done or void state may",
    ),
    "catalog.not_at_hand": Label(
        zh="{where} 的条件用到 {what}；轮次和运算逐个判断，只能用事物自己的属性和列，不能用关联、数据流、时限、案件",
        en="The condition of {where} asks for {what}; rounds and analyses judge one thing at a time by its own "
        "attributes and columns, not by links, streams, clocks or cases",
    ),
    "catalog.not_on_form": Label(
        zh="{where} 的不合格条件用到 {what}；它只能用本轮检查表的填写项",
        en="What fails in {where} asks for {what}; it may ask for fields of the round's own form only",
    ),
    "catalog.state_unknown": Label(
        zh="{where} 指向不存在的状态 {id}", en="{where} names the state {id}, which does not exist"
    ),
    "catalog.sets_unknown": Label(
        zh="{where} 要写的属性 {id} 不存在", en="{where} writes the attribute {id}, which does not exist"
    ),
    "catalog.sets_not_by_move": Label(
        zh="{where} 要写属性 {id}，但它的 written_by 没有 MOVE",
        en="{where} writes the attribute {id}, whose written_by lacks MOVE",
    ),
    "catalog.sets_field_unknown": Label(
        zh="{where} 取自不存在的填写项 {id}", en="{where} takes its value from the field {id}, which the move lacks"
    ),
    "catalog.sets_one_value": Label(
        zh="{where} 须恰好写明 value、field、now 中的一个", en="{where} must say exactly one of value, field and now"
    ),
    "catalog.sets_choice": Label(
        zh="{where} 写入的 {value} 不在属性 {id} 的选项中", en="{where} writes {value}, no choice of the attribute {id}"
    ),
    "catalog.need_kind": Label(
        zh="{where} 的要件 {id} 前后种类不一", en="The need {id} of {where} has two kinds in one case type"
    ),
    "catalog.rule_condition": Label(
        zh="{where} 须恰好有一个条件（above、below、among、silent、rises、falls、stuck、spike、band、drifts、"
        "unusable、flaps）",
        en="{where} must have exactly one of above, below, among, silent, rises, falls, stuck, spike, band, drifts, "
        "unusable and flaps",
    ),
    "catalog.rule_idle": Label(
        zh="{where} 写了 {part}，条件 {condition} 用不到；去掉它或换一种条件",
        en="{where} says {part}, which means nothing beside {condition}; take it out or choose another condition",
    ),
    "catalog.rule_part": Label(zh="{where} 的 {part} {problem}", en="{part} of {where} {problem}"),
    "catalog.rule_stream": Label(
        zh="{where} 指向不存在的数据流 {id}", en="{where} watches the stream {id}, which does not exist"
    ),
    "catalog.rule_kind": Label(
        zh="{where} 的条件与数据流的种类不符", en="The condition of {where} does not fit what the stream reports"
    ),
    "catalog.rule_code": Label(
        zh="{where} 写了数据流 {id} 未列出的代码 {said}；在该数据流的 codes 里写明",
        en="{where} names the code {said}, which the stream {id} does not list; add it to the stream's codes",
    ),
    "catalog.rule_never_sound": Label(
        zh="{where} 把数据流 {id} 的全部代码都算作告警，永远不会恢复；在 codes 里写明正常的代码",
        en="{where} alarms at every code of the stream {id} and can never end; list the sound code among its codes",
    ),
    "catalog.codes_idle": Label(
        zh="{where} 上报的不是状态，却写了 codes", en="{where} lists codes, but does not report states"
    ),
    "catalog.rule_opens_other": Label(
        zh="{where} 开出的 {id} 不以 {type} 为对象", en="{where} opens {id}, which does not stand on {type}"
    ),
    "catalog.rule_grade": Label(zh="{where} 的等级须是 1 至 4", en="The grade of {where} must be 1 to 4"),
    "catalog.source_missing": Label(zh="{where} 没有写明依据", en="{where} does not say its source"),
    "catalog.field_unknown": Label(zh="{where} 用到不存在的字段 {id}", en="{where} reads {id}, which does not exist"),
    "catalog.field_compare": Label(
        zh="{where} 拿字段 {id} 与 {value} 比较，两者种类不合",
        en="{where} compares {id} with {value}, which does not fit its kind",
    ),
    "catalog.link_unknown": Label(
        zh="{where} 走不存在的关联 {id}", en="{where} walks the link {id}, which does not exist"
    ),
    "catalog.measure_incomplete": Label(zh="{where} 的统计方式缺少 {part}", en="The measure of {where} lacks {part}"),
    "catalog.measure_number": Label(
        zh="{where} 要加总的 {id} 不是数值", en="{where} adds up {id}, which is not a number"
    ),
    "catalog.typed_in": Label(
        zh="{where} 读取的属性 {id} 可由表单填写；指标所读的属性只能由办理、读数、运算或导入写入",
        en="{where} reads the attribute {id}, which a form may write; what an indicator reads is written by a move, "
        "a reading, a run or an import",
    ),
    "catalog.private_figure": Label(
        zh="{where} 汇总个人或敏感属性 {id}；只剩一行时数字就是它本身",
        en="{where} adds up {id}, which is personal or sensitive; where one row is left the number gives it away",
    ),
    "catalog.callable_place": Label(
        zh="{where} 的函数 {id} 须写在本场景包的模块顶层",
        en="The function {id} of {where} must stand at the top of a module of this pack",
    ),
}
