"""What this room says when something cannot be done."""

from __future__ import annotations

from xiuhua.kernel.words import Label

SENTENCES = {
    "faces.unreadable": Label(zh="{option} 无法读取：{detail}", en="{option} cannot be read: {detail}"),
    "faces.option_unknown": Label(zh="不支持查询选项 {option}", en="The query option {option} is not offered"),
    "faces.no_such_field": Label(zh="{kind} 没有 {field}", en="{kind} have no {field}"),
    "faces.too_much": Label(
        zh="涉及的数据超过 {most} 条；请加条件缩小范围：{how}",
        en="This would look at more than {most} rows; narrow it: {how}",
    ),
    "faces.read_only": Label(
        zh="这里只能新增观测值；对象在“登记”中建立，其类型和数据流由场景包声明",
        en="Only Observations are made here; things are made in the registers, their types and streams by the packs",
    ),
    "faces.observation_wrong": Label(zh="观测值有误：{detail}", en="The Observation is wrong: {detail}"),
}
