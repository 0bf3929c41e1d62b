"""The catalogue as the pages read it; made once for each catalogue and language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xiuhua.catalog.catalogue import Catalogue, current
from xiuhua.catalog.limits import limit_words, rule_words
from xiuhua.catalog.schemas import (
    AnalysisDef,
    AttributeDef,
    CaseTypeDef,
    CatalogueView,
    ChoiceDef,
    FaultRow,
    IndicatorDef,
    LinkDef,
    MoveDef,
    NeedDef,
    ObjectTypeDef,
    PackDef,
    PostDef,
    RoundDef,
    RuleDef,
    StateDef,
    StreamDef,
)
from xiuhua.http.words import label, source_note, source_note_or_none
from xiuhua.kernel.cases import CaseType, Move, Round, State
from xiuhua.kernel.durations import Duration
from xiuhua.kernel.objects import Attribute, ObjectType, Value
from xiuhua.kernel.packs import Analysis

_made: dict[str, tuple[Catalogue, bytes]] = {}

JSON_TYPE = {
    Value.TEXT: "string", Value.LONG_TEXT: "string", Value.NUMBER: "number", Value.INTEGER: "integer",
    Value.BOOLEAN: "boolean", Value.DATE: "string", Value.TIME: "string", Value.CHOICE: "string",
}  # fmt: skip
JSON_FORMAT = {Value.DATE: "date", Value.TIME: "date-time"}


def catalogue_json(language: str) -> bytes:
    """Return CatalogueView as JSON, limits and conditions in that language."""
    catalogue = current()
    made = _made.get(language)
    if made is None or made[0] is not catalogue:
        text = view(catalogue, language).model_dump_json(by_alias=True).encode()
        made = _made[language] = (catalogue, text)
    return made[1]


def view(catalogue: Catalogue, language: str) -> CatalogueView:
    """Return everything declared, as the pages need it."""
    return CatalogueView(
        packs=[
            PackDef(id=one.manifest.id, title=label(one.manifest.title), tasks=list(one.manifest.tasks),
                    verified=one.manifest.verified)
            for one in catalogue.packs.values()
        ],
        object_types=[_object_type(kind) for kind in catalogue.objects.values()],
        case_types=[_case_type(case, language) for case in catalogue.cases.values()],
        rules=_rules(catalogue, language),
        indicators=[
            IndicatorDef(
                id=one.id, pack=pack_of(one.id), label=label(one.label), meaning=label(one.meaning),
                measure=one.measure, subject=one.subject, of=one.of, unit=one.unit, version=one.version,
                source=source_note_or_none(one.source),
            )
            for one in catalogue.indicators.values()
        ],
        analyses=[_analysis(one) for one in catalogue.analyses.values()],
        rounds=[_round(one, language) for one in catalogue.rounds.values()],
        posts=[
            PostDef(id=post.id, label=label(post.label), acts=sorted(act.value for act in post.acts))
            for post in catalogue.posts.values()
        ],
        faults=fault_rows(catalogue),
    )  # fmt: skip


def fault_rows(catalogue: Catalogue) -> list[FaultRow]:
    """Return what is wrong with the packs of a catalogue, and what is off."""
    return [
        FaultRow(
            pack=fault.pack, where=fault.where, code=fault.code, message=label(fault.message), file=fault.file,
            line=fault.line, severity=fault.severity,
        )
        for fault in catalogue.faults
    ]  # fmt: skip


def pack_of(full_id: str) -> str:
    """Return the pack part of a full id."""
    return full_id.partition(".")[0]


def attribute_def(attribute: Attribute) -> AttributeDef:
    """Return an attribute as forms and tables are drawn from it."""
    return AttributeDef(
        id=attribute.id,
        label=label(attribute.label),
        value=attribute.value,
        unit=attribute.quantity.unit if attribute.quantity else "",
        choices=[ChoiceDef(id=choice.id, label=label(choice.label)) for choice in attribute.choices],
        required=attribute.required,
        written_by=sorted(attribute.written_by),
        privacy=attribute.privacy,
        minimum=attribute.minimum,
        maximum=attribute.maximum,
        pattern=attribute.pattern,
        listed=attribute.listed,
        help=label(attribute.help) if attribute.help else None,
        source=source_note_or_none(attribute.source),
    )


def json_schema(kind: ObjectType) -> dict[str, object]:
    """Return the JSON Schema (2020-12) of an object's attributes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind.label.zh,
        "type": "object",
        "additionalProperties": False,
        "properties": {attribute.id: _property(attribute) for attribute in kind.attributes},
        "required": [attribute.id for attribute in kind.attributes if attribute.required],
    }


def _property(attribute: Attribute) -> Mapping[str, object]:
    described: dict[str, object] = {"title": attribute.label.zh, "type": JSON_TYPE[attribute.value]}
    if attribute.value in JSON_FORMAT:
        described["format"] = JSON_FORMAT[attribute.value]
    if attribute.choices:
        described["enum"] = [choice.id for choice in attribute.choices]
    if attribute.minimum is not None:
        described["minimum"] = attribute.minimum
    if attribute.maximum is not None:
        described["maximum"] = attribute.maximum
    if attribute.pattern:
        described["pattern"] = attribute.pattern
    return described


def _object_type(kind: ObjectType) -> ObjectTypeDef:
    return ObjectTypeDef(
        id=kind.id,
        pack=pack_of(kind.id),
        label=label(kind.label),
        geometry=kind.geometry,
        icon=kind.icon,
        period=kind.period,
        attributes=_attributes(kind.attributes),
        links=[
            LinkDef(
                id=link.id, label=label(link.label), to=link.to, relation=link.relation, many=link.many,
                required=link.required,
            )
            for link in kind.links
        ],
        streams=[
            StreamDef(
                id=stream.id, label=label(stream.label), reports=stream.reports,
                unit=stream.quantity.unit if stream.quantity else "", cadence_seconds=stream.cadence.seconds,
                silent_after_seconds=stream.silent_after.seconds,
                codes=[ChoiceDef(id=code.id, label=label(code.label)) for code in stream.codes],
            )
            for stream in kind.streams
        ],
        attribute_schema=json_schema(kind),
    )  # fmt: skip


def _attributes(attributes: Iterable[Attribute]) -> list[AttributeDef]:
    return [attribute_def(attribute) for attribute in attributes]


def _case_type(case: CaseType, language: str) -> CaseTypeDef:
    return CaseTypeDef(
        id=case.id,
        pack=pack_of(case.id),
        label=label(case.label),
        on=case.on,
        danger=case.danger,
        states=[_state(state, language) for state in case.states],
        moves=[_move(move) for move in case.moves],
        fields=_attributes(case.fields),
    )


def _state(state: State, language: str) -> StateDef:
    return StateDef(
        id=state.id, label=label(state.label), kind=state.kind, step=state.step, owner=state.owner,
        limit=_limit(state.limit, language), source=source_note_or_none(state.source), handling=state.handling,
        verifying=state.verifying,
    )  # fmt: skip


def _move(move: Move) -> MoveDef:
    return MoveDef(
        id=move.id, label=label(move.label), at=move.at, to=move.to, who=move.who,
        needs=[NeedDef(id=need.id, label=label(need.label), kind=need.kind) for need in move.needs],
        fields=_attributes(move.fields), assigns=move.assigns,
    )  # fmt: skip


def _rules(catalogue: Catalogue, language: str) -> list[RuleDef]:
    rows = []
    for rule in catalogue.rules.values():
        rows.append(
            RuleDef(
                id=rule.id, pack=pack_of(rule.id), label=label(rule.label), type=rule.on[0], stream=rule.on[1],
                condition=rule_words(rule, catalogue).in_language(language), grade=rule.grade, opens=rule.opens,
                source=source_note(rule.source),
            )
        )  # fmt: skip
    return rows


def _analysis(one: Analysis) -> AnalysisDef:
    return AnalysisDef(
        id=one.id, pack=pack_of(one.id), label=label(one.label), of=one.of, parameters=_attributes(one.parameters),
        round=one.round, version=one.version, source=source_note(one.source),
    )  # fmt: skip


def _round(one: Round, language: str) -> RoundDef:
    return RoundDef(
        id=one.id, pack=pack_of(one.id), label=label(one.label), of=one.of, form=_attributes(one.form), who=one.who,
        limit=limit_words(one.limit).in_language(language), source=source_note_or_none(one.source),
    )  # fmt: skip


def _limit(duration: Duration | None, language: str) -> str | None:
    return None if duration is None else limit_words(duration).in_language(language)
