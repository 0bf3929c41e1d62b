"""What can be wrong with a value or a row, as a value itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xiuhua.kernel.words import Label
from xiuhua.objects.problem_texts import TEXTS


class Wrong(Exception):
    """A raw value cannot be taken; caught where its row or field is known and turned into a Problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong: `where` is the attribute or column, `value` what stood there, `target` what the column means."""

    where: str
    value: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    target: str = ""

    def said(self) -> dict[str, object]:
        """Return the problem with its sentences in both languages, ready for JSON."""
        text = TEXTS[self.code]
        return {
            "value": self.value,
            "code": self.code,
            "problem": _filled(text.problem, self.params),
            "why": _filled(text.why, self.params),
            "remedy": _filled(text.remedy, self.params),
        }


def problem_of(wrong: Wrong, *, where: str, value: object, target: str = "") -> Problem:
    """Return the problem that a wrong value at `where` is."""
    return Problem(where=where, value=shown(value), code=wrong.code, params=wrong.params, target=target)


def shown(value: object) -> str:
    """Return a raw value as a person saw it, shortened to 80 letters."""
    text = "" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


def _filled(label: Label, params: Mapping[str, object]) -> dict[str, str]:
    return {"zh": _fill(label.zh, params, "zh"), "en": _fill(label.en, params, "en")}


def _fill(sentence: str, params: Mapping[str, object], language: str) -> str:
    words = {name: value.in_language(language) if isinstance(value, Label) else value for name, value in params.items()}
    return sentence.format(**words)
