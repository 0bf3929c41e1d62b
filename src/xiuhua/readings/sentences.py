"""What this room says when something cannot be done, and the names of what it writes into history."""

from __future__ import annotations

from xiuhua.kernel.words import Label

SENTENCES = {
    "readings.nats_away": Label(
        zh="消息服务（NATS）没有应答：{problem}；设备会自行保留并重发，启动消息服务后继续",
        en="The message server (NATS) does not answer: {problem}. Devices keep and resend; start it to go on",
    ),
    "readings.already_acknowledged": Label(
        zh="这条告警已由 {by} 于 {at} 确认，无须再确认",
        en="{by} acknowledged this alarm at {at}; nothing more to do",
    ),
    "readings.alarm_moved_on": Label(
        zh="这条告警的状态已变为 {state}，本次操作未执行；刷新后再看",
        en="This alarm is {state} by now and nothing was done; reload to see it",
    ),
    "readings.alarm_settings_wrong": Label(
        zh="{file} 不能使用：{problem}；仍按上次可用的参数运行。各项与取值见 docs/operate/alarms.md",
        en="{file} cannot be used: {problem}. The last good figures go on. What may stand in it: "
        "docs/operate/alarms.md",
    ),
    "readings.not_folded": Label(zh="这条告警没有合并，无须拆分", en="This alarm is not folded; nothing to split"),
    "readings.why_missing": Label(zh="写明理由后再提交", en="Give the reason, then send again"),
    "readings.shelved_until_wrong": Label(
        zh="搁置的截止时间须在现在之后、{days} 天之内",
        en="The shelving must end after now and within {days} days",
    ),
    "readings.has_case": Label(
        zh="这条告警已有在办案件，在案件中继续处理", en="A case is open for this alarm; go on in the case"
    ),
    "readings.opens_nothing": Label(
        zh="规则 {rule} 没有对应的案件类型；可新建案件并写明这条告警",
        en="Rule {rule} names no case type; open a case by hand and mention this alarm",
    ),
    "readings.not_tried_on_devices": Label(
        zh="规则 {rule} 按每日设备检查判断，不能按历史读数试算；改值后次日生效",
        en="Rule {rule} is judged by the daily look at devices and cannot be tried on readings; set its value instead",
    ),
    "readings.form_unknown": Label(
        zh="内容类型 {sent} 不能读取；可用：{forms}", en="Content of type {sent} cannot be read; send one of: {forms}"
    ),
    "readings.sheet_unreadable": Label(
        zh="整张表无法读取，未收任何一条：{detail}", en="The sheet cannot be read and nothing was taken: {detail}"
    ),
    "readings.rows_wrong": Label(
        zh="有 {count} 条读数有误，整张表未收；改正后重发。序号从 0 起：{rows}",
        en="{count} readings are wrong and nothing was taken; mend and send again. Counted from 0: {rows}",
    ),
    "readings.streams_unknown": Label(
        zh="有 {count} 路数据流未登记，或不在您可导入的范围；整张表未收：{names}",
        en="{count} streams are not registered or not yours to bring readings into; nothing was taken: {names}",
    ),
    "readings.key_name": Label(
        zh="名称“{name}”不能用：3 至 64 个英文字母、数字、- 或 _，以字母或数字开头",
        en="The name “{name}” cannot be used: 3 to 64 of a–z, A–Z, 0–9, - and _, beginning with a letter or digit",
    ),
    "readings.key_name_taken": Label(
        zh="名称 {name} 已有密钥（含已撤销的），换一个名称",
        en="There is or was a key named {name}; choose another name",
    ),
    "readings.key_for_nothing": Label(
        zh="选择这把密钥可代表的对象或类型", en="Choose the objects or the type that the key speaks for"
    ),
    "readings.key_too_wide": Label(
        zh="选了 {count} 个对象，一把密钥最多 {most} 个；分成几把，或按类型生成",
        en="{count} objects were chosen and a key takes {most}; make several, or one for the whole type",
    ),
    "readings.key_no_streams": Label(
        zh="类型 {type} 没有数据流，设备不能为它上报", en="Objects of type {type} have no streams to report"
    ),
    "readings.key_expired": Label(zh="到期时间须在现在之后", en="The key must expire after now"),
    "readings.key_revoked_before": Label(
        zh="这把密钥已于 {at} 撤销", en="This key was revoked at {at}; nothing more to do"
    ),
    "readings.period_wrong": Label(zh="开始时间须早于结束时间", en="The beginning must lie before the end"),
    "readings.too_many_points": Label(
        zh="这段时间按所选精度超过 {most} 个点；缩短时间或放粗精度",
        en="That span has over {most} points at that resolution; ask for less time or a coarser one",
    ),
    "readings.not_numbers": Label(
        zh="{stream} 上报的不是数值，不能求均值；改选数值类数据流",
        en="{stream} does not report numbers and has no mean; ask for a stream of numbers",
    ),
    "readings.too_many_files": Label(
        zh="按分钟汇总多路数据最多查 {most} 天归档；缩短时间或按小时查",
        en="Minutes over many streams reach over {most} archived days at most; ask for less time, or for hours",
    ),
    "readings.history_moving": Label(
        zh="历史数据正在归档，稍后再查", en="History is being moved into files just now; ask again in a moment"
    ),
    "readings.retention_moved_on": Label(
        zh="{kind} 的保留规则已被他人修改；刷新后再改",
        en="Somebody else has set the rule of {kind} meanwhile; reload, then set it again",
    ),
    "readings.retention_wrong": Label(
        zh="{field} 须为 {least} 至 {most} 天，或留空（永久保留）",
        en="{field} must be {least} to {most} days, or empty to keep for ever",
    ),
    "readings.columns_missing": Label(
        zh="文件缺少列：{missing}；文件中有：{columns}", en="The file lacks the columns {missing}; it has {columns}"
    ),
    "readings.file_unknown": Label(
        zh="读数可从 CSV、XLSX 和 Parquet 文件导入；换一种格式导出",
        en="Readings come from CSV, XLSX and Parquet files; export it in one of these",
    ),
    "readings.streams_moved": Label(
        zh="导入期间数据流有增删，未写入任何读数；再导入一次",
        en="Streams were removed or renamed meanwhile and nothing was written; import again",
    ),
    "readings.retention_shorter": Label(
        zh="汇总的保留天数不得短于读数的保留天数",
        en="Rollups must be kept at least as long as the readings",
    ),
}
ACTIONS = {
    "sent_to_case": Label(zh="转立案", en="Sent to a case"),
    "case_opened": Label(zh="已立案", en="Case opened"),
    "sent_again": Label(zh="重新送入", en="Sent again"),
    "called": Label(zh="派给值班", en="Given to who is on duty"),
    "unanswered": Label(zh="值班均未确认", en="Confirmed by nobody on duty"),
    "folded": Label(zh="并入同因告警", en="Folded into one of the same cause"),
    "split": Label(zh="拆分", en="Split out"),
    "came_back": Label(zh="短时复现，计入同一告警", en="Back again, counted as the same alarm"),
    "leads": Label(zh="成为合并告警的主告警", en="Now leads the fold"),
    "escalated": Label(zh="加重", en="Became graver"),
    "eased": Label(zh="减轻", en="Became lighter"),
    "retention_set": Label(zh="设定保留期", en="Retention set"),
    "retention_deleted": Label(zh="按保留规则删除", en="Deleted by retention"),
    "revoked": Label(zh="撤销", en="Revoked"),
    "unshelved": Label(zh="搁置到期", en="Shelving ended"),
}
