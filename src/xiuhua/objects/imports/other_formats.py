"""Dates and numbers in ways that are read only once a person has said how: orders of day and month, units, numerals.
Pure.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

ORDERS = ("dmy", "mdy", "ymd")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
COUNTERS = "个座条块处辆人次只台根盏棵件户家路间层"
WORDED = {"m": "米", "m2": "平方米", "s": "秒", "V": "伏", "m/s": "米/秒"}
_DIGITS = {numeral: str(value) for value, numeral in enumerate("〇一二三四五六七八九")} | {"零": "0", "两": "2"}
_TENS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = re.compile(r"[〇零一二两三四五六七八九十百千]+")
_PARTS = re.compile(r"(\d{1,4})[-/. ]+(\d{1,2}|[a-z]{3,9})[-/., ]+(\d{1,4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})[. ]+(\d{1,2})[., ]+(\d{4})")
_CHINESE_DATE = re.compile(r"(\d{2}|\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
_CLOCK = re.compile(r"(.+?)[ T,]+(\d{1,2}:\d{2}(?::\d{2})?)")
_NUMBER = re.compile(r"([+-]?[\d,.]*\d)(万|亿)?(.*)")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),(\d{1,2}|\d{4,})")
_THOUSANDS = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")


def date_in_order(text: str, order: str) -> date | None:
    """Return the date that the text is with its parts in that order (dmy, mdy, ymd), None if it is none. A year of two
    digits lies from 1970 to 2069; a month may be an English word, a number a Chinese numeral.
    """
    plain = _plain(text).lower()
    spelt = _CHINESE_DATE.fullmatch(_arabic(plain).replace(" ", ""))
    if spelt:
        return _date(*spelt.groups()) if order == "ymd" else None
    worded = _MONTH_FIRST.fullmatch(plain)
    if worded:
        month, day, year = worded.groups()
        return _date(year, month, day) if order == "mdy" else None
    found = _PARTS.fullmatch(plain)
    if found is None:
        return None
    first, second, third = found.groups()
    if order == "ymd":
        return _date(first, second, third)
    if len(first) > 2 or (order == "mdy" and second.isalpha()):
        return None
    return _date(third, second, first) if order == "dmy" else _date(third, first, second)


def moment_in_order(text: str, order: str) -> str | None:
    """Return the day and clock time of a text whose date has its parts in that order, None if it is none."""
    found = _CLOCK.fullmatch(_plain(text))
    day = date_in_order(found[1] if found else text, order)
    return None if day is None else f"{day.isoformat()} {found[2] if found else '00:00'}"


def number_in_words(text: str, unit: str) -> float | None:
    """Return the number of a text with its unit or a counter behind it, 万 or 亿, a decimal comma or a Chinese numeral,
    None if it is none. A unit other than `unit` is not converted: the text is then no number.
    """
    plain, own = _arabic(_plain(text)).replace(" ", ""), _plain(unit)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    digits, myriad, rest = found.groups()
    if rest and rest not in (own, WORDED.get(own)) and not (len(rest) == 1 and rest in COUNTERS):
        return None
    if _DECIMAL_COMMA.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif not _THOUSANDS.fullmatch(digits):
        return None
    scale = {"万": 10_000, "亿": 100_000_000}.get(myriad or "", 1)
    return float(digits.replace(",", "")) * scale


def tidied(text: str) -> str:
    """Return the text with full-width forms made narrow, invisible letters gone, and single spaces only; a space beside
    a Chinese letter goes as well.
    """
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(letter for letter in plain if letter.isprintable() or letter.isspace())
    single = " ".join(kept.split())
    return re.sub(r"(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])", "", single)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _arabic(text: str) -> str:
    """Return the text with Chinese numerals as digits: 二〇二四 read digit by digit, 三十五 as a number."""
    return _CHINESE.sub(lambda found: _value(found[0]), text)


def _value(numeral: str) -> str:
    if not any(letter in _TENS for letter in numeral):
        return "".join(_DIGITS[letter] for letter in numeral)
    total, digit = 0, 0
    for letter in numeral:
        if letter in _TENS:
            total += (digit or 1) * _TENS[letter]
            digit = 0
        else:
            digit = int(_DIGITS[letter])
    return str(total + digit)


def _date(year: str, month: str, day: str) -> date | None:
    if not year.isdecimal() or len(year) not in (2, 4):
        return None
    number = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    if month.isalpha():
        if month[:3] not in MONTHS:
            return None
        month = str(MONTHS.index(month[:3]) + 1)
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None
