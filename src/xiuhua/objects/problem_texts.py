"""The sentences of every problem a value or a row can have: its kind, what happened, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """The words of one problem; places in braces are filled from its parameters."""

    kind: Label
    problem: Label
    why: Label
    remedy: Label


def _say(kind: str, problem: str, why: str, remedy: str) -> Text:
    """Return a text from four "Chinese | English" pairs."""
    pairs = [part.split(" | ") for part in (kind, problem, why, remedy)]
    labels = [Label(zh=zh, en=en) for zh, en in pairs]
    return Text(kind=labels[0], problem=labels[1], why=labels[2], remedy=labels[3])


TEXTS: dict[str, Text] = {
    "required": _say(
        "必填项为空 | Required value missing",
        "“{label}”没有填 | {label} is empty",
        "这一项必须有值 | This value is required",
        "补上后重新提交 | Fill it in and send again",
    ),
    "not_text": _say(
        "不是文字 | Not text",
        "“{label}”含有无法保存的字符 | {label} holds characters that cannot be kept",
        "控制字符和空字符不能入库 | Control and null characters cannot be stored",
        "删去不可见字符 | Remove the invisible characters",
    ),
    "too_long": _say(
        "文字过长 | Text too long",
        "“{label}”有 {length} 个字，上限 {limit} 个 | {label} has {length} letters, the limit is {limit}",
        "过长的文字放不进这一项 | Text of this length does not fit here",
        "缩短后重新提交 | Shorten it",
    ),
    "not_a_number": _say(
        "不是数字 | Not a number",
        "“{label}”不是数字 | {label} is not a number",
        "这一项按数字计算 | This value is calculated with",
        "只填数字，单位为 {unit} | Write the number only, in {unit}",
    ),
    "not_an_integer": _say(
        "不是整数 | Not a whole number",
        "“{label}”不是整数 | {label} is not a whole number",
        "这一项按个数计算 | This value is a count",
        "填整数，不带单位 | Write a whole number without a unit",
    ),
    "too_small": _say(
        "小于下限 | Below the minimum",
        "“{label}”小于 {minimum} | {label} is below {minimum}",
        "规定下限为 {minimum} | The least allowed is {minimum}",
        "核对数值和单位 | Check the value and its unit",
    ),
    "too_large": _say(
        "大于上限 | Above the maximum",
        "“{label}”大于 {maximum} | {label} is above {maximum}",
        "规定上限为 {maximum} | The most allowed is {maximum}",
        "核对数值和单位 | Check the value and its unit",
    ),
    "not_a_boolean": _say(
        "不是“是/否” | Not yes or no",
        "“{label}”看不出是“是”还是“否” | {label} is neither yes nor no",
        "这一项只有两种取值 | This value is yes or no",
        "填 是/否、true/false 或 1/0 | Write 是/否, true/false or 1/0",
    ),
    "not_a_date": _say(
        "不是日期 | Not a date",
        "“{label}”不是能辨认的日期 | {label} is not a date that can be read",
        "日、月先后不明的写法不作猜测 | Dates whose day and month could be swapped are not guessed",
        "按 2026-01-31 的样子填写 | Write it like 2026-01-31",
    ),
    "not_a_time": _say(
        "不是时间 | Not a time",
        "“{label}”不是能辨认的时间 | {label} is not a time that can be read",
        "没有时区的时间按北京时间读取 | A time without a zone is read as Shanghai time",
        "按 2026-01-31 08:30 的样子填写 | Write it like 2026-01-31 08:30",
    ),
    "not_a_choice": _say(
        "不在可选值中 | Not one of the choices",
        "“{label}”没有这个选项 | {label} has no such choice",
        "只能取：{choices} | It may be: {choices}",
        "改成其中一项的名称或代号 | Write one of these names or ids",
    ),
    "pattern": _say(
        "格式不符 | Wrong format",
        "“{label}”的格式不符 | {label} has the wrong format",
        "应符合：{pattern} | It must match: {pattern}",
        "按规定格式填写 | Write it in that format",
    ),
    "unknown_attribute": _say(
        "没有这个属性 | No such attribute",
        "没有名为 {attribute} 的属性 | There is no attribute {attribute}",
        "属性由对象类型声明 | Attributes are declared by the object type",
        "去掉这一项 | Leave it out",
    ),
    "not_writable": _say(
        "不能由此写入 | Not written this way",
        "“{label}”不能由{writer}写入 | {label} may not be written by {writer}",
        "它只由{writers}写入，以免结果被人工填写 | Only {writers} write it, so that nobody types a result in",
        "不要对应这一列 | Do not map this column",
    ),
    "hidden": _say(
        "对岗位保密 | Hidden from the post",
        "“{label}”对当前岗位保密，不能导入 | {label} is hidden from your post and cannot be imported",
        "看不到原值就会在不知情时改掉它 | Who cannot read a value would overwrite it unseen",
        "不要对应这一列，或由有权的岗位导入 | Leave the column out or have a post import it that may read it",
    ),
    "code_repeated": _say(
        "编号重复 | Code repeated",
        "编号与第 {first} 行重复 | The code already stands in row {first}",
        "一个编号只能对应一件 | One code names one thing",
        "只保留一行，或改正编号 | Keep one row or correct the code",
    ),
    "code_elsewhere": _say(
        "编号已被占用 | Code in use elsewhere",
        "这个编号已由管理范围之外的一件使用 | A thing outside your area bears this code",
        "同一类型的编号在全区唯一 | Codes of one type are unique in the district",
        "核对编号，或联系区级管理员 | Check the code or ask the district's administrator",
    ),
    "not_yours": _say(
        "不在管理范围 | Outside your area",
        "这一件位于 {place}，不在管理范围 | This thing lies in {place}, outside your area",
        "只能写入本岗位管辖的地区和单位 | A post writes only in its own area and unit",
        "核对位置和单位，或由区级岗位导入 | Check place and unit or have a district post import it",
    ),
    "area_unknown": _say(
        "没有这个区域 | Unknown area",
        "没有代码或名称为“{given}”的区域 | No area has the code or name {given}",
        "区域须是区、街镇、居村或网格 | An area is the district, a town, a community or a grid",
        "填区域代码或全名；不填则按位置判断 | Write its code or full name; left empty, the position decides",
    ),
    "area_ambiguous": _say(
        "区域名称不唯一 | Area name not unique",
        "有 {count} 个区域叫“{given}” | {count} areas are called {given}",
        "只凭名称分不清是哪一个 | The name alone does not tell which",
        "改填区域代码 | Write the area's code",
    ),
    "unit_unknown": _say(
        "没有这个单位 | Unknown unit",
        "没有代码或名称为“{given}”的单位 | No unit has the code or name {given}",
        "单位须先登记 | Units are registered first",
        "填已登记单位的代码或全名 | Write the code or full name of a registered unit",
    ),
    "period_order": _say(
        "起止日期颠倒 | Period reversed",
        "有效期止 {valid_to} 早于有效期起 {valid_from} | The period ends {valid_to}, before it begins {valid_from}",
        "有效期的终点不能早于起点 | A period cannot end before it begins",
        "核对两个日期 | Check both dates",
    ),
    "no_period": _say(
        "此类型没有有效期 | No validity period",
        "这一类型不记有效期 | Things of this type have no validity period",
        "有效期由对象类型声明 | The object type declares whether there is one",
        "去掉有效期 | Leave the dates out",
    ),
    "link_unknown": _say(
        "关联对象不存在 | Linked thing not found",
        "“{label}”中的编号 {given} 不存在或不在查看范围 | {label} names {given}, which is not there or not visible",
        "关联按对方编号建立 | Links are made by the other thing's code",
        "先导入对方，或改正编号 | Import the other thing first or correct the code",
    ),
    "link_many": _say(
        "只能关联一个 | Only one link allowed",
        "“{label}”给了 {count} 个编号 | {label} names {count} things",
        "这一关联至多一个 | This link has at most one other end",
        "只保留一个编号 | Keep one code",
    ),
    "link_unseen": _say(
        "已关联看不到的对象 | Linked beyond your sight",
        "“{label}”已关联着查看范围之外的一件 | {label} already names a thing that you may not see",
        "这一关联至多一个，改写会丢掉看不到的那一件 | It has one other end at most; yours would replace the unseen one",
        "不填这一项，或由看得到对方的岗位来改 | Leave it empty, or have a post change it that sees the other end",
    ),
    "overlap": _say(
        "有效期重叠 | Periods overlap",
        "与 {other} 在“{label}”{target} 上的有效期重叠 | Overlaps with {other} on {label} {target}",
        "同一对象上不能同时有两件有效 | Two of these may not be valid on one thing at the same time",
        "改正有效期，或先终止另一件 | Correct the period or end the other one first",
    ),
    "no_geometry": _say(
        "此类型没有位置 | No geometry",
        "这一类型不记位置 | Things of this type have no geometry",
        "几何形状由对象类型声明 | The object type declares its geometry",
        "去掉位置 | Leave the geometry out",
    ),
    "half_position": _say(
        "经纬度缺一 | Half a position",
        "经度、纬度只填了一个 | Only one of longitude and latitude is given",
        "缺一个就定不出位置 | A place needs both",
        "补全，或两个都留空 | Fill in both or leave both empty",
    ),
    "unreadable_geometry": _say(
        "几何无法读取 | Geometry unreadable",
        "几何内容无法读取 | The geometry cannot be read",
        "应为 GeoJSON 或 WKT | It must be GeoJSON or WKT",
        "从原软件重新导出 | Export it again from where it was drawn",
    ),
    "empty_geometry": _say(
        "几何为空 | Geometry empty",
        "几何没有坐标 | The geometry has no coordinates",
        "空几何画不出位置 | An empty geometry has no place",
        "补画，或整项留空 | Draw it or leave it out",
    ),
    "geometry_kind": _say(
        "几何类型不符 | Wrong kind of geometry",
        "给的是 {given}，应为{wanted} | It is a {given}, it must be a {wanted}",
        "几何形状由对象类型声明 | The object type declares its geometry",
        "换成所需的形状 | Use the declared kind",
    ),
    "invalid_geometry": _say(
        "几何无效 | Geometry invalid",
        "几何有错误：{reason} | The geometry is broken: {reason}",
        "自相交等错误会使面积和位置判断失真 | Self-crossings and the like falsify areas and places",
        "在原软件中修正 | Mend it where it was drawn",
    ),
    "ragged": _say(
        "列数过多 | Too many cells",
        "这一行的格子比表头多 | The row has more cells than the header",
        "多出的格子常是未加引号的逗号，后面各列会错位 | Often an unquoted comma, after which columns are shifted",
        "给含逗号的文字加引号 | Quote text that holds a comma",
    ),
    "outside": _say(
        "位置偏离本区 | Far outside the district",
        "位置在 {lon}, {lat}，距本区中心 {distance_km} 公里 | It lies at {lon}, {lat}, {distance_km} km away",
        "超出 100 公里多半是坐标系选错或经纬度颠倒 | Over 100 km mostly means a wrong system or swapped axes",
        "核对坐标系和两列的先后 | Check the coordinate system and the order of the two columns",
    ),
}  # fmt: skip
