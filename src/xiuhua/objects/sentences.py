"""The words of this room: its errors' sentences."""

from __future__ import annotations

from xiuhua.kernel.words import Label

SENTENCES = {
    "objects.invalid": Label(
        zh="有 {count} 处不合要求，未保存；逐项改正后再提交",
        en="{count} values cannot be taken and nothing was saved; correct them and send again",
    ),
    "objects.changed": Label(
        zh="{by} 刚改过这一件，本次修改未保存；核对后再提交",
        en="{by} changed this meanwhile and your changes were not saved; compare and send again",
    ),
    "objects.code_taken": Label(
        zh="编号 {object_code} 已有同类对象使用；换一个编号",
        en="Another thing of this type bears the code {object_code}; choose another",
    ),
    "objects.in_use": Label(
        zh="还有 {count} 件关联着 {object_code}，未移除；先解除关联",
        en="{count} things link to {object_code}, so it was not removed; unlink them first",
    ),
    "objects.overlap": Label(
        zh="与 {other} 在 {target} 上的有效期重叠，未保存；改正日期或先终止另一件",
        en="Overlaps with {other} on {target}, nothing was saved; correct the period or end the other first",
    ),
    "objects.not_yours": Label(
        zh="这一件位于{place}，不在管理范围，未保存",
        en="This thing lies in {place}, outside your area; nothing was saved",
    ),
    "objects.masked": Label(
        zh="不能按 {attribute} 筛选或排序：它的取值对当前岗位保密",
        en="Rows cannot be chosen by {attribute}: your post may not read it",
    ),
    "objects.no_attribute": Label(
        zh="{type} 没有名为 {attribute} 的属性",
        en="{type} has no attribute {attribute}",
    ),
    "objects.filter_needs_type": Label(
        zh="按属性筛选或排序时须先选定类型",
        en="Choose a type before filtering or sorting by an attribute",
    ),
    "objects.no_sort": Label(
        zh="不能按 {sort} 排序",
        en="Rows cannot be sorted by {sort}",
    ),
    "objects.bad_filter": Label(
        zh="{attribute} 的筛选条件无法读取",
        en="The filter on {attribute} cannot be read",
    ),
    "objects.bad_box": Label(
        zh="地图范围应为 西,南,东,北 四个数",
        en="The box must be four numbers: west,south,east,north",
    ),
}
