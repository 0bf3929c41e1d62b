"""Reads a plan's file; what is wrong in it is a fault with its line and is left out, the rest is in force."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

import yaml

import xiuhua
from xiuhua.kernel.packs import Bound, Target
from xiuhua.kernel.words import Label
from xiuhua.plans.entries import Entry, parse
from xiuhua.plans.plan import Fault, Lead, Plan, Planned, Task, Theme
from xiuhua.plans.sentences import FAULTS, KINDS

DEFAULT = Path(xiuhua.__file__).resolve().parents[2] / "plans" / "songjiang-2024-2026.yaml"
ROLES = ("coordinates", "leads", "supports", "implements")
ID = re.compile(r"[a-z][a-z0-9_]*")
FULL_ID = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")

PLAN_KEYS = {"id", "title", "document", "issued", "due", "themes", "tasks"}
THEME_KEYS = {"id", "title"}
TASK_KEYS = {"no", "theme", "pack", "title", "text", "leads", "targets"}
LEAD_KEYS = {"name", "role", "unit"}
TARGET_KEYS = {"id", "label", "indicator", "bound", "figure", "unit", "due", "printed", "read_as", "built"}

T = TypeVar("T")


def load(file: Path) -> tuple[Plan | None, tuple[Fault, ...]]:
    """Return the plan and the faults of its file; no plan if the file is not there or has no head."""
    reader = _Reader(str(file))
    if not file.is_file():
        reader.fault("plans.file_missing", 1, file=str(file))
        return None, tuple(reader.faults)
    try:
        entry = parse(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reader.fault("plans.unreadable", line, problem=error.problem or "")
        return None, tuple(reader.faults)
    return reader.plan(entry), tuple(reader.faults)


class _Reader:
    """Takes a plan's file apart; every reading returns None where it noted a fault."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.faults: list[Fault] = []

    def fault(self, code: str, line: int, **words: object) -> None:
        message = FAULTS[code]
        self.faults.append(
            Fault(
                file=self._file, line=line, code=code,
                message=Label(zh=_filled(message.zh, words, "zh"), en=_filled(message.en, words, "en")),
            )
        )  # fmt: skip

    def plan(self, entry: Entry) -> Plan | None:
        keys = self._known(entry, PLAN_KEYS, "plan")
        head = self._text(keys, "id", entry, "plan", ID), self._label(keys, "title", entry, "plan")
        document = self._text(keys, "document", entry, "plan")
        issued, due = self._date(keys, "issued", entry, "plan"), self._date(keys, "due", entry, "plan")
        themes = self._themes(keys.get("themes"))
        tasks: list[Task] = []
        for one in keys["tasks"].items() if "tasks" in keys else ():
            task = self._task(one, {theme.id for theme in themes}, due)
            if task is not None and any(task.no == other.no for other in tasks):
                self.fault("plans.twice", one.line, where="tasks", id=task.no)
            elif task is not None:
                tasks.append(task)
        if head[0] is None or head[1] is None or document is None or issued is None or due is None:
            return None
        return Plan(
            id=head[0], title=head[1], document=document, issued=issued, due=due, themes=tuple(themes),
            tasks=tuple(tasks), file=self._file, faults=tuple(self.faults),
        )  # fmt: skip

    def _themes(self, entry: Entry | None) -> list[Theme]:
        themes: list[Theme] = []
        for one in entry.items() if entry else ():
            keys = self._known(one, THEME_KEYS, "themes")
            name, title = self._text(keys, "id", one, "themes", ID), self._label(keys, "title", one, "themes")
            if name is not None and any(name == theme.id for theme in themes):
                self.fault("plans.twice", one.line, where="themes", id=name)
            elif name is not None and title is not None:
                themes.append(Theme(id=name, title=title))
        return themes

    def _task(self, entry: Entry, themes: set[str], due: date | None) -> Task | None:
        keys = self._known(entry, TASK_KEYS, "tasks")
        no = self._text(keys, "no", entry, "tasks", re.compile(r"[1-9]\d?|S[1-9]"))
        where = f"tasks.{no or '?'}"
        theme = self._text(keys, "theme", entry, where, ID)
        if theme is not None and theme not in themes:
            self.fault("plans.theme_unknown", keys["theme"].line, no=no, id=theme)
            theme = None
        pack, text = self._text(keys, "pack", entry, where, ID), self._text(keys, "text", entry, where)
        title = self._label(keys, "title", entry, where)
        leads = [self._lead(one, where) for one in keys["leads"].items()] if "leads" in keys else []
        targets: list[Planned] = []
        for one in keys["targets"].items() if "targets" in keys else ():
            planned = self._target(one, where, due)
            if planned is not None and any(planned.target.id == other.target.id for other in targets):
                self.fault("plans.twice", one.line, where=where, id=planned.target.id)
            elif planned is not None:
                targets.append(planned)
        if no is None or theme is None or pack is None or text is None or title is None:
            return None
        return Task(
            no=no, theme=theme, pack=pack, title=title, text=text, leads=tuple(lead for lead in leads if lead),
            targets=tuple(targets), line=entry.line,
        )  # fmt: skip

    def _lead(self, entry: Entry, where: str) -> Lead | None:
        keys = self._known(entry, LEAD_KEYS, f"{where}.leads")
        name, role = self._text(keys, "name", entry, where), self._text(keys, "role", entry, where)
        if role is not None and role not in ROLES:
            self._wrong("role", keys["role"].line, where, "role")
            return None
        unit = self._text(keys, "unit", entry, where) if "unit" in keys else ""
        return (
            None
            if name is None or role is None or unit is None
            else Lead(name=name, role=role, unit=unit, line=entry.line)
        )

    def _target(self, entry: Entry, task: str, due: date | None) -> Planned | None:
        keys = self._known(entry, TARGET_KEYS, f"{task}.targets")
        name = self._text(keys, "id", entry, f"{task}.targets", ID)
        where = f"{task}.{name or '?'}"
        shown = self._label(keys, "label", entry, where)
        indicator = self._text(keys, "indicator", entry, where, FULL_ID, "full_id")
        bound, sound = self._bound(keys, where)
        figure, numeric = self._number(keys, where)
        unit = self._text(keys, "unit", entry, where, empty=True) if "unit" in keys else ""
        own_due = self._date(keys, "due", entry, where) if "due" in keys else due
        printed, read_as = self._yes_no(keys, "printed", where), self._yes_no(keys, "read_as", where)
        built = self._yes_no(keys, "built", where, default=True)
        if sound and numeric and (bound is None) is not (figure is None):
            self.fault("plans.half_bound", entry.line, where=where)
            return None
        if printed and read_as:
            self.fault("plans.two_grounds", entry.line, where=where)
            return None
        if figure is not None and unit == "%" and not 0 <= figure <= 1:
            self.fault(
                "plans.not_a_part", keys["figure"].line, where=where, figure=f"{figure:g}", part=f"{figure / 100:g}"
            )
            return None
        if not (sound and numeric) or None in (name, shown, indicator, unit, own_due, printed, read_as, built):
            return None
        target = Target(
            id=name or "", label=shown or Label(zh="", en=""), indicator=indicator or "", bound=bound, figure=figure,
            unit=unit or "", due=own_due.isoformat() if own_due else "", printed=bool(printed), read_as=bool(read_as),
        )  # fmt: skip
        return Planned(target=target, built=bool(built), line=entry.line)

    def _known(self, entry: Entry, known: set[str], where: str) -> dict[str, Entry]:
        keys = entry.keys()
        for key in keys.keys() - known:
            self.fault("plans.unknown_key", keys[key].line, where=where, key=key)
        return keys

    def _found(self, keys: Mapping[str, Entry], key: str, entry: Entry, where: str) -> Entry | None:
        if key not in keys:
            self.fault("plans.missing", entry.line, where=where, key=key)
            return None
        return keys[key]

    def _wrong(self, key: str, line: int, where: str, kind: str) -> None:
        self.fault("plans.wrong_kind", line, where=where, key=key, kind=KINDS[kind])

    def _text(
        self,
        keys: Mapping[str, Entry],
        key: str,
        entry: Entry,
        where: str,
        form: re.Pattern[str] | None = None,
        kind: str = "",
        *,
        empty: bool = False,
    ) -> str | None:
        found = self._found(keys, key, entry, where)
        if found is None:
            return None
        value = found.value
        if not isinstance(value, str) or not (value.strip() or empty) or (form and not form.fullmatch(value)):
            self._wrong(key, found.line, where, kind or ("id" if form else "text"))
            return None
        return value

    def _label(self, keys: Mapping[str, Entry], key: str, entry: Entry, where: str) -> Label | None:
        found = self._found(keys, key, entry, where)
        if found is None:
            return None
        both = {language: one.value for language, one in found.keys().items()}
        zh, en = both.get("zh"), both.get("en")
        if set(both) != {"zh", "en"} or not (isinstance(zh, str) and isinstance(en, str) and zh.strip() and en.strip()):
            self._wrong(key, found.line, where, "label")
            return None
        return Label(zh=zh, en=en)

    def _date(self, keys: Mapping[str, Entry], key: str, entry: Entry, where: str) -> date | None:
        found = self._found(keys, key, entry, where)
        if found is None:
            return None
        try:
            return date.fromisoformat(str(found.value))
        except ValueError:
            self._wrong(key, found.line, where, "date")
            return None

    def _bound(self, keys: Mapping[str, Entry], where: str) -> tuple[Bound | None, bool]:
        if "bound" not in keys:
            return None, True
        try:
            return Bound(str(keys["bound"].value)), True
        except ValueError:
            self._wrong("bound", keys["bound"].line, where, "bound")
            return None, False

    def _number(self, keys: Mapping[str, Entry], where: str) -> tuple[float | None, bool]:
        if "figure" not in keys:
            return None, True
        value = keys["figure"].value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong("figure", keys["figure"].line, where, "number")
            return None, False
        return float(value), True

    def _yes_no(self, keys: Mapping[str, Entry], key: str, where: str, *, default: bool = False) -> bool | None:
        if key not in keys:
            return default
        value = keys[key].value
        if not isinstance(value, bool):
            self._wrong(key, keys[key].line, where, "yes_no")
            return None
        return value


def _filled(text: str, words: Mapping[str, object], language: str) -> str:
    filled = {key: word.in_language(language) if isinstance(word, Label) else word for key, word in words.items()}
    return text.format(**filled)
