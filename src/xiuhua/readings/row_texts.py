"""What is said of a row of a file that cannot be taken: what is wrong, why, and what to do; by reason."""

from __future__ import annotations

from dataclasses import dataclass

from xiuhua.kernel.words import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class RowText:
    """The words for one reason; `column` is the one to look at, {detail} is filled in."""

    column: str
    problem: Label
    why: Label
    remedy: Label


def _say(column: str, problem: str, why: str, remedy: str) -> RowText:
    """Return a text from three "Chinese | English" pairs."""
    first, second, third = (
        Label(zh=zh, en=en) for zh, en in (part.split(" | ") for part in (problem, why, remedy))
    )  # fmt: skip
    return RowText(column=column, problem=first, why=second, remedy=third)


ROW_TEXTS = {
    "topic": _say(
        "stream",
        "不是数据流的名称 | No name of a stream",
        "名称是 <场景包>/<类型>/<编号>/<数据流> | A name is <pack>/<type>/<object code>/<stream>",
        "照登记册页面上的名称填写 | Write it as the register page shows it",
    ),
    "type": _say(
        "stream",
        "没有这个对象类型 | There is no such object type",
        "类型由在用的场景包声明 | Types are declared by the packs in force",
        "核对名称的前两段 | Check the first two parts of the name",
    ),
    "stream": _say(
        "stream",
        "这个类型没有这路数据流 | The type has no such stream",
        "数据流由对象类型声明 | Streams are declared by the object type",
        "核对名称的最后一段 | Check the last part of the name",
    ),
    "object": _say(
        "stream",
        "登记册中没有这个对象 | The register has no such object",
        "读数属于登记过的对象 | Readings belong to registered objects",
        "先登记对象，或核对编号 | Register the object first, or check its code",
    ),
    "time": _say(
        "at",
        "不是能辨认的时间 | No time that can be read",
        "没有时区的时间按本区时间读取，只有日期不算时间 | A time without offset is local; a day alone is no time",
        "按 2026-01-31T08:30:00+08:00 的样子填写 | Write it like 2026-01-31T08:30:00+08:00",
    ),
    "clock": _say(
        "at",
        "时间 {detail} 不在可导入的范围 | The time {detail} cannot be imported",
        "须在十年之内，且不晚于现在 | It must lie within the last ten years and not after now",
        "核对时间和时区 | Check the time and its offset",
    ),
    "value": _say(
        "value",
        "数值或状态不成立：{detail} | Value or code cannot be: {detail}",
        "数值类数据流填 value，状态类填 code，二者只填其一 | Streams of numbers have a value, those of states a code",
        "只填与数据流相符的一列 | Fill in the one column that suits the stream",
    ),
    "code": _say(
        "code",
        "数据流没有声明状态“{detail}” | The stream does not list the code {detail}",
        "可用的状态由场景包声明 | The pack declares the codes that can be",
        "改成声明过的状态 | Write one of the declared codes",
    ),
    "unit": _say(
        "unit",
        "这个量没有单位“{detail}” | The quantity has no unit {detail}",
        "读数按数据流声明的单位存储 | Readings are stored in the unit that the stream declares",
        "换成声明的单位，或留空 | Write a declared unit, or leave it empty",
    ),
    "conflict": _say(
        "value",
        "同一时刻已存有另一个值 {detail} | Another value, {detail}, stands for the same moment",
        "一路数据流的一个时刻只有一个读数，先存的有效 | A stream has one reading a moment, and the first one stands",
        "确认哪个正确；文件有误就删去此行 | Find out which is right; leave the row out if the file is wrong",
    ),
    "expired": _say(
        "at",
        "{detail} 的读数已不再保留 | Readings of {detail} are no longer kept",
        "这类数据流的保留规则会立即删除它 | The rule of retention of its kind would delete it at once",
        "延长保留期，或删去此行 | Set a longer retention, or leave the row out",
    ),
}
