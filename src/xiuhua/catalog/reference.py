"""Reference pages written from the declarations: the glossary of words, and one page a pack."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType

from xiuhua.catalog.catalogue import Catalogue, LoadedPack
from xiuhua.catalog.limits import limit_words, rule_words
from xiuhua.kernel import cases, durations, expressions, indicators, objects, packs, quantities, streams, words
from xiuhua.kernel.cases import CaseType
from xiuhua.kernel.durations import Duration
from xiuhua.kernel.objects import Attribute, ObjectType
from xiuhua.kernel.words import Label, Source

MODULES: tuple[ModuleType, ...] = (
    words, quantities, durations, objects, streams, expressions, cases, indicators, packs,
)  # fmt: skip

GLOSSARY = {
    "Label": "名称", "Source": "依据", "Post": "岗位", "Ref": "引用",
    "Quantity": "计量", "Conversion": "换算", "Duration": "时限",
    "Choice": "选项", "Attribute": "属性", "Link": "关联", "ObjectType": "对象类型",
    "Code": "代码", "CodeList": "代码表",
    "Grade": "等级", "Scale": "分级", "Stream": "数据流", "Rule": "规则",
    "Level": "分级阈值", "Change": "变化量", "Stuck": "数值不动", "Spike": "突跳", "Band": "常态带",
    "Lately": "近日所见",
    "Also": "兼看条件", "Hours": "时段",
    "Condition": "条件", "All": "全部满足", "AnyOf": "任一满足", "Not": "不满足", "Field": "字段", "Compare": "比较",
    "Linked": "关联满足", "HasOpenCase": "有未结事项",
    "State": "状态", "Need": "要件", "Sets": "写入", "Move": "流转", "Clock": "计时", "CaseType": "事项类型",
    "Round": "轮次", "Indicator": "指标", "Finding": "运算结果", "Analysis": "分析", "Pack": "场景包", "Target": "目标",
}  # fmt: skip
"""One Chinese word for each kernel word; a word without one fails the test of these pages."""

NOTE = "<!-- Generated from the declarations: python -m xiuhua.site.reference -->"


def render(catalogue: Catalogue) -> dict[str, str]:
    """Return the pages by path under docs/reference."""
    pages = {"words.md": _words()}
    for pack_id, loaded in catalogue.packs.items():
        pages[f"packs/{pack_id}.md"] = _pack(loaded, catalogue)
    return pages


def declared_words() -> list[type]:
    """Return every dataclass of the kernel's declaring modules, in the order of the files."""
    return [
        one
        for module in MODULES
        for one in vars(module).values()
        if inspect.isclass(one) and dataclasses.is_dataclass(one) and one.__module__ == module.__name__
    ]


def _words() -> str:
    lines = [
        "# Words · 词汇",
        NOTE,
        "",
        "One word for one thing. A pack is said in these words and no others.",
        "",
        "| Word | 中文 | Says |",
        "|---|---|---|",
    ]
    kinds = declared_words()
    for kind in kinds:
        lines.append(f"| [`{kind.__name__}`](#{kind.__name__.lower()}) | {GLOSSARY[kind.__name__]} | {_first(kind)} |")
    for kind in kinds:
        lines += ["", f"## {kind.__name__}", "", inspect.cleandoc(kind.__doc__ or ""), ""]
        lines += _table(("Field", "Type", "Default"), _fields(kind))
    return "\n".join(lines) + "\n"


def _first(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _fields(kind: type) -> Iterator[tuple[str, ...]]:
    for field in dataclasses.fields(kind):
        shown = str(field.type).replace("|", "\\|")
        default = "" if field.default is dataclasses.MISSING else f"`{field.default!r}`"
        yield f"`{field.name}`", f"`{shown}`", default if len(default) < 60 else "…"


def _pack(loaded: LoadedPack, catalogue: Catalogue) -> str:
    manifest, pack = loaded.manifest, loaded.pack
    lines = [
        f"# {manifest.title.zh} · {manifest.title.en}",
        NOTE,
        "",
        f"Pack `{manifest.id}`. Plan tasks: {', '.join(map(str, manifest.tasks)) or '—'}. "
        f"{'Verified.' if manifest.verified else 'Not verified yet: values marked 待核 are to be confirmed.'}",
    ]
    for kind in pack.objects:
        lines += ["", f"## {_both(kind.label)}", "", *_object(kind)]
    for case in pack.cases:
        lines += ["", f"## {_both(case.label)}", "", *_case(case)]
    if pack.rules:
        rows = (
            (f"`{rule.id}`", _both(rule.label), rule_words(rule, catalogue).en,
             str(rule.grade), f"`{rule.opens}`" if rule.opens else "", _source(rule.source))
            for rule in pack.rules
        )  # fmt: skip
        lines += ["", "## Rules · 规则", "", *_table(("Id", "Name", "When", "Grade", "Opens", "Source"), rows)]
    if pack.rounds:
        rows_of_rounds = (
            (f"`{one.id}`", _both(one.label), f"`{one.of}`", f"`{one.who}`", limit_words(one.limit).en,
             _source(one.source))
            for one in pack.rounds
        )  # fmt: skip
        lines += ["", "## Rounds · 轮次", ""]
        lines += _table(("Id", "Name", "Of", "By", "Limit", "Source"), rows_of_rounds)
    if pack.analyses:
        rows_of_analyses = (
            (f"`{one.id}`", _both(one.label), f"`{one.of}`", one.version, _source(one.source))
            for one in pack.analyses
        )  # fmt: skip
        lines += ["", "## Analyses · 分析", ""]
        lines += _table(("Id", "Name", "Of", "Version", "Source"), rows_of_analyses)
    if pack.indicators:
        rows_of_indicators = (
            (f"`{one.id}`", _both(one.label), one.measure.value, f"`{one.of}`", one.meaning.en, _source(one.source))
            for one in pack.indicators
        )
        lines += ["", "## Indicators · 指标", ""]
        lines += _table(("Id", "Name", "Measure", "Of", "Meaning", "Source"), rows_of_indicators)
    return "\n".join(lines) + "\n"


def _object(kind: ObjectType) -> list[str]:
    lines = [f"Object type `{kind.id}`, geometry {kind.geometry.value}{', with a period' if kind.period else ''}.", ""]
    lines += _attributes(kind.attributes)
    if kind.links:
        rows = ((f"`{link.id}`", _both(link.label), f"`{link.to}`", link.relation.value) for link in kind.links)
        lines += ["", *_table(("Link", "Name", "To", "Relation"), rows)]
    if kind.streams:
        streams_rows = (
            (f"`{one.id}`", _both(one.label), one.reports.value, one.quantity.unit if one.quantity else "",
             limit_words(one.cadence).en, limit_words(one.silent_after).en)
            for one in kind.streams
        )  # fmt: skip
        lines += ["", *_table(("Stream", "Name", "Reports", "Unit", "Every", "Silent after"), streams_rows)]
        codes = [(f"`{one.id}`", f"`{code.id}`", _both(code.label)) for one in kind.streams for code in one.codes]
        if codes:
            lines += ["", *_table(("Stream", "Code", "Means"), codes)]
    return lines


def _attributes(attributes: Iterable[Attribute]) -> list[str]:
    rows = (
        (
            f"`{one.id}`" + (" *" if one.required else ""), _both(one.label),
            ", ".join(f"{choice.id} {choice.label.zh}" for choice in one.choices) or one.value.value,
            one.quantity.unit if one.quantity else "", ", ".join(sorted(one.written_by)), one.privacy.value,
        )
        for one in attributes
    )  # fmt: skip
    return _table(("Attribute", "Name", "Value", "Unit", "Written by", "Privacy"), rows)


def _case(case: CaseType) -> list[str]:
    states = (
        (f"`{state.id}`", _both(state.label), state.kind.value, f"`{state.owner}`" if state.owner else "",
         _limit(state.limit), _source(state.source))
        for state in case.states
    )  # fmt: skip
    moves = (
        (f"`{move.id}`", _both(move.label), f"`{move.at}` → `{move.to}`", f"`{move.who}`",
         ", ".join(need.label.en for need in move.needs))
        for move in case.moves
    )  # fmt: skip
    return [
        f"Case type `{case.id}`" + (f" on `{case.on}`." if case.on else "."),
        "",
        *_table(("State", "Name", "Kind", "Owner", "Limit", "Source"), states),
        "",
        *_table(("Move", "Name", "From → to", "By", "Needs"), moves),
    ]


def _limit(limit: Duration | None) -> str:
    return limit_words(limit).en if limit else ""


def _both(label: Label) -> str:
    return f"{label.zh} · {label.en}"


def _source(source: Source | None) -> str:
    if source is None:
        return ""
    named = " ".join(part for part in (source.standard, source.edition, source.clause) if part)
    return named if source.confirmed else f"{named} (待核)"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(headings)} |", "|" + "---|" * len(headings)]
    return lines + [f"| {' | '.join(cell.replace(chr(10), ' ') for cell in row)} |" for row in rows]
