"""Raw values from forms and files against what the type declares: typed values, or all that is wrong."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from xiuhua.kernel.objects import Attribute, ObjectType, Value, Writer
from xiuhua.kernel.words import Label
from xiuhua.objects.problems import Problem, Wrong, problem_of, shown

Typed = str | float | int | bool | None
Check = Callable[[object], Typed]

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_SERIALS = range(10_000, 110_000)
LIMITS = {Value.TEXT: 500, Value.LONG_TEXT: 20_000}
YES = frozenset({"是", "有", "true", "yes", "y", "1", "√"})
NO = frozenset({"否", "无", "false", "no", "n", "0", "×"})
WRITERS = {
    Writer.FORM: Label(zh="表单", en="a form"),
    Writer.IMPORT: Label(zh="导入", en="an import"),
    Writer.MOVE: Label(zh="流程", en="a move"),
    Writer.READING: Label(zh="读数", en="a reading"),
    Writer.RUN: Label(zh="运算", en="a run"),
}
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))")
_CLOCK = re.compile(r"(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?秒?)?分?")
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?([eE][+-]?\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """The typed values (None: cleared) and everything wrong with the others."""

    values: Mapping[str, Typed]
    problems: tuple[Problem, ...]


def check_values(declared: ObjectType, raw: Mapping[str, object], *, writer: Writer, whole: bool) -> Checked:
    """Return the values typed. `whole`: what the writer may write and is required must be among them."""
    attributes = {attribute.id: attribute for attribute in declared.attributes}
    values: dict[str, Typed] = {}
    problems: list[Problem] = []
    for name, given in raw.items():
        attribute = attributes.get(name)
        if attribute is None:
            problems.append(problem_of(Wrong("unknown_attribute", attribute=name), where=f"attr.{name}", value=given))
            continue
        try:
            if writer not in attribute.written_by:
                raise not_writable(attribute, writer)
            values[name] = checker(attribute)(given)
        except Wrong as wrong:
            problems.append(problem_of(wrong, where=f"attr.{name}", value=given))
    failed = {problem.where.removeprefix("attr.") for problem in problems}
    for attribute in declared.attributes:
        if not attribute.required or writer not in attribute.written_by or attribute.id in failed:
            continue
        if values.get(attribute.id) is None and (whole or attribute.id in values):
            problems.append(
                problem_of(Wrong("required", label=attribute.label), where=f"attr.{attribute.id}", value=None)
            )
    return Checked(values=values, problems=tuple(problems))


def not_writable(attribute: Attribute, writer: Writer) -> Wrong:
    """Return what is wrong when `writer` may not write the attribute."""
    others = sorted(attribute.written_by)
    return Wrong(
        "not_writable",
        label=attribute.label,
        writer=WRITERS[writer],
        writers=Label(
            zh="、".join(WRITERS[other].zh for other in others), en=" and ".join(WRITERS[other].en for other in others)
        ),
    )


@lru_cache(maxsize=4096)
def checker(attribute: Attribute) -> Check:
    """Return the function that types one raw value of the attribute, None for an empty one; it raises Wrong."""
    kind = _KINDS[attribute.value](attribute)

    def check(raw: object) -> Typed:
        if raw is None or (isinstance(raw, str) and not raw.strip()) or (isinstance(raw, float) and math.isnan(raw)):
            return None
        return kind(raw)

    return check


def text_of(raw: object) -> str:
    """Return a cell's value as text: whole numbers without a decimal point, the ends stripped."""
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw).strip()


def clean_text(raw: object, *, label: Label, limit: int) -> str:
    """Return the text, refusing control characters and more than `limit` letters; raises Wrong."""
    text = text_of(raw)
    if _CONTROL.search(text):
        raise Wrong("not_text", label=label)
    if len(text) > limit:
        raise Wrong("too_long", label=label, length=len(text), limit=limit)
    return text


def date_of(raw: object, *, label: Label) -> date:
    """Return the date of 2026-01-31, 2026/1/31, 2026.1.31, 20260131, 2026年1月31日 or an Excel serial; raises Wrong."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", text_of(raw)).removesuffix("Z"))
    if text.isdecimal() and int(text) in EXCEL_SERIALS:
        return EXCEL_EPOCH + timedelta(days=int(text))
    found = _DATE.fullmatch(text.replace(" ", ""))
    if found is None or isinstance(raw, bool):
        raise Wrong("not_a_date", label=label)
    return _date_from(found, label)


def time_of(raw: object, *, label: Label) -> datetime:
    """Return the moment in UTC; a time without a zone is Shanghai's. Raises Wrong."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and int(raw) in EXCEL_SERIALS:
        moment = datetime.combine(EXCEL_EPOCH, datetime.min.time()) + timedelta(seconds=round(raw * 86400))
    elif isinstance(raw, datetime):
        moment = raw
    elif isinstance(raw, date):
        moment = datetime.combine(raw, datetime.min.time())
    else:
        moment = _moment_of(unicodedata.normalize("NFKC", text_of(raw)), label)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    return moment.astimezone(UTC)


def number_of(raw: object, *, label: Label, unit: str = "") -> float:
    """Return the finite number of a cell; thousands commas and full-width digits are read. Raises Wrong."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        try:
            number = float(raw)
        except OverflowError:
            number = math.inf
    else:
        text = unicodedata.normalize("NFKC", text_of(raw)).replace(" ", "")
        if not any(letter.isdigit() for letter in text) or not _NUMBER.fullmatch(text):
            raise Wrong("not_a_number", label=label, unit=unit or "—")
        number = float(text.replace(",", ""))
    if not math.isfinite(number):
        raise Wrong("not_a_number", label=label, unit=unit or "—")
    return number


def _moment_of(text: str, label: Label) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    found = _DATE.match(text)
    rest = text[found.end() :].strip(" T") if found else ""
    clock = _CLOCK.fullmatch(rest)
    if found is None or (rest and clock is None):
        raise Wrong("not_a_time", label=label)
    hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
    try:
        day = _date_from(found, label)
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI)
    except (ValueError, Wrong):
        raise Wrong("not_a_time", label=label) from None


def _date_from(found: re.Match[str], label: Label) -> date:
    year, *rest = found.groups()
    month, day = (int(part) for part in rest if part)
    try:
        return date(int(year), month, day)
    except ValueError:
        raise Wrong("not_a_date", label=label) from None


def _text(attribute: Attribute) -> Check:
    limit = LIMITS[attribute.value]
    pattern = re.compile(attribute.pattern) if attribute.pattern else None

    def check(raw: object) -> Typed:
        text = clean_text(raw, label=attribute.label, limit=limit)
        if pattern and not pattern.fullmatch(text):
            raise Wrong("pattern", label=attribute.label, pattern=attribute.pattern)
        return text

    return check


def _number(attribute: Attribute) -> Check:
    unit = attribute.quantity.unit if attribute.quantity else ""

    def check(raw: object) -> Typed:
        return _between(number_of(raw, label=attribute.label, unit=unit), attribute)

    return check


def _integer(attribute: Attribute) -> Check:
    def check(raw: object) -> Typed:
        try:
            number = number_of(raw, label=attribute.label)
        except Wrong:
            raise Wrong("not_an_integer", label=attribute.label) from None
        if not number.is_integer() or abs(number) > 2**53:
            raise Wrong("not_an_integer", label=attribute.label)
        return int(_between(number, attribute))

    return check


def _between(number: float, attribute: Attribute) -> float:
    if attribute.minimum is not None and number < attribute.minimum:
        raise Wrong("too_small", label=attribute.label, minimum=f"{attribute.minimum:g}")
    if attribute.maximum is not None and number > attribute.maximum:
        raise Wrong("too_large", label=attribute.label, maximum=f"{attribute.maximum:g}")
    return number


def _boolean(attribute: Attribute) -> Check:
    def check(raw: object) -> Typed:
        if isinstance(raw, bool):
            return raw
        word = unicodedata.normalize("NFKC", text_of(raw)).lower()
        if word in YES:
            return True
        if word in NO:
            return False
        raise Wrong("not_a_boolean", label=attribute.label)

    return check


def _date(attribute: Attribute) -> Check:
    return lambda raw: date_of(raw, label=attribute.label).isoformat()


def _time(attribute: Attribute) -> Check:
    return lambda raw: time_of(raw, label=attribute.label).isoformat().replace("+00:00", "Z")


def _choice(attribute: Attribute) -> Check:
    names: dict[str, str] = {}
    for choice in reversed(attribute.choices):
        names |= {choice.label.zh: choice.id, choice.label.en.lower(): choice.id}
    names |= {choice.id.lower(): choice.id for choice in attribute.choices}
    listed = Label(
        zh="、".join(choice.label.zh for choice in attribute.choices),
        en=", ".join(choice.label.en for choice in attribute.choices),
    )

    def check(raw: object) -> Typed:
        found = names.get(text_of(raw).lower())
        if found is None:
            raise Wrong("not_a_choice", label=attribute.label, given=shown(raw), choices=listed)
        return found

    return check


_KINDS: Mapping[Value, Callable[[Attribute], Check]] = {
    Value.TEXT: _text,
    Value.LONG_TEXT: _text,
    Value.NUMBER: _number,
    Value.INTEGER: _integer,
    Value.BOOLEAN: _boolean,
    Value.DATE: _date,
    Value.TIME: _time,
    Value.CHOICE: _choice,
}
