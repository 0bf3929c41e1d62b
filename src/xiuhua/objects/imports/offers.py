"""Which repairs would help a file: each with its words and the number of rows it would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xiuhua.kernel.objects import Attribute, ObjectType, Value
from xiuhua.kernel.words import Label
from xiuhua.objects.imports.other_formats import ORDERS
from xiuhua.objects.imports.repairs import COUNTED, DATED, PICKED, Kind, Repair, mended
from xiuhua.objects.imports.rows import Incoming, Problems, given_text

MOST_VALUES = 20
LONGEST_VALUE = 80
UNTIDY = frozenset(
    {
        "pattern", "not_text", "not_a_choice", "not_a_boolean", "not_a_number", "not_an_integer", "not_a_date",
        "not_a_time", "area_unknown", "unit_unknown",
    }
)  # fmt: skip
UNREAD = frozenset({"not_a_choice", "not_a_boolean", "not_a_number", "not_an_integer", "not_a_date", "not_a_time"})
EMPTY = Label(zh="空", en="empty")
BLANK = Label(zh="留空", en="Leave empty")
YES_NO = (("true", Label(zh="是", en="Yes")), ("false", Label(zh="否", en="No")))
SAYS: Mapping[str, Label] = {
    "number_repeated": Label(
        zh="重复的编号：后出现的依次加 -2、-3", en="Repeated codes: later rows get -2, -3 behind the code"
    ),
    "codes_from_names": Label(
        zh="没有编号的行：以名称为编号，重名加 -2、-3；名称也空的，编号和名称都用“R+行号”",
        en="Rows without a code: the name becomes the code, -2, -3 where names repeat; without a name both are R + row",
    ),
    "codes_from_rows": Label(
        zh="没有编号的行：以“R+行号”为编号；没有名称的，名称同编号",
        en="Rows without a code: R + row number becomes the code; a missing name is the code",
    ),
    "names_from_codes": Label(zh="没有名称的行：名称同编号", en="Rows without a name: the code becomes the name"),
    "replace": Label(zh="所有“{value}”改为", en="All that read “{value}” become"),
    "read_dates.dmy": Label(zh="按 日/月/年 读作日期", en="Read as day/month/year"),
    "read_dates.mdy": Label(zh="按 月/日/年 读作日期", en="Read as month/day/year"),
    "read_dates.ymd": Label(zh="按 年/月/日 读作日期，两位年份、中文数字也读", en="Read as year/month/day"),
    "read_numbers": Label(
        zh="去掉单位和量词，按万、亿和小数逗号读作数字",
        en="Read as numbers without unit or counter, with a decimal comma",
    ),
    "tidy": Label(
        zh="去掉多余空格和不可见字符，全角改半角",
        en="Drop stray spaces and invisible letters, make full-width forms narrow",
    ),
    "swap_axes": Label(zh="经度、纬度对调", en="Swap longitude and latitude"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A repair that would change `rows` rows, of those with a problem of `codes`; `options` are what REPLACE may write,
    as (value, name).
    """

    repair: Repair
    rows: int
    codes: frozenset[str]
    options: tuple[tuple[str, Label], ...] = ()


def offers(declared: ObjectType, incoming: Incoming, problems: Problems) -> list[Offer]:
    """Return the repairs that would change any row, in the order in which they are best applied."""
    found: list[Offer] = []
    for repair, codes in _candidates(declared, problems):
        _, rows = mended(declared, incoming, repair)
        if rows:
            found.append(Offer(repair=repair, rows=rows, codes=codes))
    for attribute in declared.attributes:
        if problems.on(f"attr.{attribute.id}") & UNREAD:
            found += _replacements(attribute, incoming, problems)
    return found


def said(repair: Repair) -> Label:
    """Return what the repair does, in words."""
    label = SAYS.get(f"{repair.kind.value}.{repair.to}") or SAYS[repair.kind.value]
    return Label(zh=label.zh.format(value=repair.value), en=label.en.format(value=repair.value))


def said_done(declared: ObjectType | None, repair: Repair) -> Label:
    """Return what the repair did, in words: with the name of what a value became."""
    label = said(repair)
    if repair.kind is not Kind.REPLACE:
        return label
    attributes = declared.attributes if declared else ()
    named = {
        choice.id: choice.label for one in attributes if f"attr.{one.id}" == repair.target for choice in one.choices
    }
    became = (
        named.get(repair.to)
        or dict(YES_NO).get(repair.to)
        or (Label(zh=repair.to, en=repair.to) if repair.to else EMPTY)
    )
    return Label(zh=f"{label.zh}“{became.zh}”", en=f"{label.en} “{became.en}”")


def _candidates(declared: ObjectType, problems: Problems) -> Iterator[tuple[Repair, frozenset[str]]]:
    for target in ("code", "name", "area", "unit", "valid_from", "valid_to"):
        if problems.on(target) & UNTIDY:
            yield Repair(kind=Kind.TIDY, target=target), UNTIDY
    if "code_repeated" in problems.on("code"):
        yield Repair(kind=Kind.NUMBER_REPEATED), frozenset({"code_repeated"})
    if "required" in problems.on("code"):
        yield Repair(kind=Kind.CODES_FROM_NAMES), frozenset({"required"})
        yield Repair(kind=Kind.CODES_FROM_ROWS), frozenset({"required"})
    if "required" in problems.on("name"):
        yield Repair(kind=Kind.NAMES_FROM_CODES, target="name"), frozenset({"required"})
    for target in ("lon", "wkt", "geometry"):
        if "outside" in problems.on(target):
            yield Repair(kind=Kind.SWAP_AXES, target=target), frozenset({"outside"})
    dated = {"valid_from", "valid_to"} | {f"attr.{one.id}" for one in declared.attributes if one.value in DATED}
    for target in sorted(dated):
        if problems.on(target) & {"not_a_date", "not_a_time"}:
            for order in ORDERS:
                yield Repair(kind=Kind.READ_DATES, target=target, to=order), frozenset({"not_a_date", "not_a_time"})
    for attribute in declared.attributes:
        target = f"attr.{attribute.id}"
        if attribute.value in COUNTED and problems.on(target) & UNREAD:
            yield Repair(kind=Kind.READ_NUMBERS, target=target), frozenset({"not_a_number", "not_an_integer"})
        if problems.on(target) & UNTIDY:
            yield Repair(kind=Kind.TIDY, target=target), UNTIDY


def _replacements(attribute: Attribute, incoming: Incoming, problems: Problems) -> Iterator[Offer]:
    """Yield one offer for each unreadable value of the attribute, the most frequent first."""
    target = f"attr.{attribute.id}"
    options: tuple[tuple[str, Label], ...] = ()
    if attribute.value in PICKED:
        choices = tuple((choice.id, choice.label) for choice in attribute.choices)
        options = YES_NO if attribute.value is Value.BOOLEAN else choices
    if not attribute.required:
        options = (*options, ("", BLANK))
    cells = incoming.columns[target]
    values = Counter(given_text(cells[at]) for at in problems.rows_on(target, UNREAD))
    for value, rows in values.most_common(MOST_VALUES):
        if options and 0 < len(value) <= LONGEST_VALUE:
            repair = Repair(kind=Kind.REPLACE, target=target, value=value)
            yield Offer(repair=repair, rows=rows, codes=UNREAD, options=options)
