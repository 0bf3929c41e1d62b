"""Every rule of the catalogue: a sound pack, one thing broken, the fault with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiuhua.catalog.tests.sample import changed, line_of, loaded, written

BROKEN = {
    "label": (
        'label=Label(zh="类别", en="Kind")',
        'label=Label(zh="类别", en=" ")',
        "catalog.label_missing",
        'id="kind"',
    ),
    "id form": ('id="kind"', 'id="Kind"', "catalog.id_form", 'id="Kind"'),
    "id twice": ('id="repaired_on"', 'id="kind"', "catalog.id_twice", 'id="kind"'),
    "choice without choices": (
        "value=Value.DATE,",
        "value=Value.CHOICE,",
        "catalog.choice_empty",
        'id="repaired_on"',
    ),
    "choices without choice": ("value=Value.CHOICE,", "value=Value.TEXT,", "catalog.choice_idle", 'id="kind"'),
    "pattern": ("required=True,", 'required=True, pattern="(",', "catalog.pattern_broken", 'id="kind"'),
    "range": (
        "value=Value.DATE,",
        "value=Value.NUMBER, minimum=2, maximum=1,",
        "catalog.range_empty",
        'id="repaired_on"',
    ),
    "unreachable": ('at="new", to="void"', 'at="new", to="closed"', "catalog.state_unreachable", 'id="void"'),
    "no way out": ('at="done", to="closed"', 'at="done", to="void"', "catalog.state_no_way_out", 'id="new"'),
    "no owner": ('owner="handler", ', "", "catalog.state_no_owner", 'id="sent"'),
    "no limit": ("limit=WORKING_HOURS(8), ", "", "catalog.state_no_limit", 'id="done"'),
    "post": ('owner="handler"', 'owner="wizard"', "catalog.post_unknown", 'id="sent"'),
    "who": (
        'at="done", to="sent", who="verifier"',
        'at="done", to="sent", who="wizard"',
        "catalog.post_unknown",
        'id="rework"',
    ),
    "handles and verifies": (
        "handling=True",
        "handling=True, verifying=True",
        "catalog.handles_and_verifies",
        'id="sent"',
    ),
    "handler verifies": ('owner="verifier"', 'owner="handler"', "catalog.handler_verifies", 'id="done"'),
    "handler accepts": (
        'to="closed", who="verifier"',
        'to="closed", who="handler"',
        "catalog.handler_verifies",
        'id="accept"',
    ),
    "handler closes": (
        'at="sent", to="done"',
        'at="sent", to="closed"',
        "catalog.handler_closes",
        'id="finish"',
    ),
    "no such state": ('at="sent", to="done"', 'at="sent", to="gone"', "catalog.state_unknown", 'id="finish"'),
    "leaves a closed state": (
        'at="new", to="void"',
        'at="closed", to="void"',
        "catalog.state_closed_moves",
        'id="cancel"',
    ),
    "sets unknown": ('attribute="repaired_on"', 'attribute="mended_on"', "catalog.sets_unknown", 'id="accept"'),
    "sets not by move": ('attribute="repaired_on"', 'attribute="kind"', "catalog.sets_not_by_move", 'id="accept"'),
    "sets nothing": ("now=True", "now=False", "catalog.sets_one_value", 'id="accept"'),
    "sets field": ("now=True", 'field="day"', "catalog.sets_field_unknown", 'id="accept"'),
    "stands on nothing": ('on="thing"', 'on="ghost"', "catalog.reference_unknown", 'id="repair"'),
    "opens nothing": (
        "needs=(PHOTO_AFTER,)",
        'needs=(PHOTO_AFTER,), opens="ghost"',
        "catalog.reference_unknown",
        'id="finish"',
    ),
    "alarm cleared while open": (
        "needs=(PHOTO_AFTER,)",
        "needs=(PHOTO_AFTER,), clears_alarm=True",
        "catalog.clears_alarm_open",
        'id="finish"',
    ),
    "signers": (
        "needs=(PHOTO_AFTER,)",
        'needs=(PHOTO_AFTER,), signers=("verifier",)',
        "catalog.not_built",
        'id="finish"',
    ),
    "waits for": (
        "needs=(PHOTO_AFTER,)",
        'needs=(PHOTO_AFTER,), waits_for="repair"',
        "catalog.not_built",
        'id="finish"',
    ),
    "planned": ("handling=True", "handling=True, planned=True", "catalog.not_built", 'id="sent"'),
    "need undeclared": ('on="thing"', 'on="mobility.bus_stop"', "catalog.need_undeclared", 'id="repair"'),
    "field": (
        'REPAIR.clock("sent").among(True)',
        'REPAIR["speed"] > 3',
        "catalog.field_unknown",
        'id="repaired_in_time"',
    ),
    "state compared": ('"state") == "closed"', '"state") == "shut"', "catalog.field_compare", 'id="repaired_in_time"'),
    "kind compared": (
        'REPAIR.clock("sent").among(True)',
        'REPAIR.clock("sent") > 3',
        "catalog.field_compare",
        'id="repaired_in_time"',
    ),
    "typed in": (
        'REPAIR.clock("sent").among(True)',
        'THING["kind"] == "small"',
        "catalog.typed_in",
        'id="repaired_in_time"',
    ),
    "dated by nothing": (
        'at=REPAIR.own("closed_at")',
        'at=REPAIR.own("state")',
        "catalog.field_compare",
        'id="repaired_in_time"',
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_thing_broken_is_one_fault_with_its_line(tmp_path: Path, name: str) -> None:
    old, new, code, at = BROKEN[name]
    folder = written(tmp_path)
    changed(folder, (old, new))
    catalogue = loaded(folder)
    faults = [fault for fault in catalogue.faults if fault.pack == "kerbs"]
    found = [fault for fault in faults if fault.code == code]
    assert found, faults
    declared = [number for number, line in enumerate((folder / "pack.py").read_text().splitlines(), 1) if at in line]
    lines = {fault.line for fault in found}
    # A call that spans lines is named by its first one.
    assert lines & ({*declared} | {line - 1 for line in declared}), (lines, declared)
    assert {fault.file for fault in found} == {str(folder / "pack.py")}
    assert "kerbs" not in catalogue.packs
    assert all(fault.message.zh and fault.message.en for fault in faults)


def test_a_sound_pack_has_no_fault(tmp_path: Path) -> None:
    catalogue = loaded(written(tmp_path))
    assert [fault for fault in catalogue.faults if fault.pack == "kerbs"] == []
    assert catalogue.cases["kerbs.repair"].on == "kerbs.thing"
    assert catalogue.indicators["kerbs.repaired_in_time"].of == "kerbs.repair"


def test_all_faults_come_together(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(folder, ('owner="handler", ', ""), ('id="kind"', 'id="Kind"'), ('on="thing"', 'on="ghost"'))
    codes = {fault.code for fault in loaded(folder).faults}
    assert {"catalog.state_no_owner", "catalog.id_form", "catalog.reference_unknown"} <= codes


def test_rules_and_their_streams(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(
        folder,
        (
            "from xiuhua.kernel.packs import Pack",
            "from xiuhua.kernel.packs import Pack\nfrom xiuhua.kernel.streams import Reports, Rule, Stream",
        ),
        ("from xiuhua.kernel.words import Label", "from xiuhua.kernel.words import Label, Source"),
        ("import MINUTES,", "import HOURS, MINUTES,"),
        (
            "    geometry=Geometry.POINT,",
            '    geometry=Geometry.POINT,\n    streams=(Stream(id="beat", label=Label(zh="心跳", en="Beat"), '
            "reports=Reports.STATE, cadence=MINUTES(1), silent_after=WORKING_HOURS(2)),\n"
            '        Stream(id="look", label=Label(zh="样", en="Look"), reports=Reports.STATE, cadence=MINUTES(1), '
            'silent_after=HOURS(2), codes=(Choice(id="A", label=Label(zh="甲", en="A")), '
            'Choice(id="C", label=Label(zh="丙", en="C")))),\n'
            '        Stream(id="mood", label=Label(zh="态", en="Mood"), reports=Reports.STATE, cadence=MINUTES(1), '
            "silent_after=HOURS(2)),\n"
            '        Stream(id="level", label=Label(zh="位", en="Level"), cadence=MINUTES(1), '
            'silent_after=HOURS(2), codes=(Choice(id="A", label=Label(zh="甲", en="")), '
            'Choice(id="A", label=Label(zh="乙", en="B")))),),',
        ),
        (
            "    cases=(REPAIR,),",
            "    cases=(REPAIR,),\n    rules=(\n"
            '        Rule(id="two", label=Label(zh="二", en="Two"), on=("thing", "beat"), above=1, '
            'silent=True, grade=7, source=Source(standard="")),\n'
            '        Rule(id="odd", label=Label(zh="怪", en="Odd"), on=("thing", "look"), among=("C", "Z"), '
            'grade=1, source=Source(standard="S")),\n'
            '        Rule(id="all", label=Label(zh="全", en="All"), on=("thing", "look"), among=("A", "C"), '
            'grade=1, source=Source(standard="S")),\n'
            '        Rule(id="any", label=Label(zh="任", en="Any"), on=("thing", "mood"), among=("A",), '
            'grade=1, source=Source(standard="S")),\n'
            '        Rule(id="none", label=Label(zh="无", en="None"), on=("thing", "pulse"), '
            'silent=True, grade=1, source=Source(standard="S")),\n'
            "    ),",
        ),
    )
    faults = {(fault.code, fault.line) for fault in loaded(folder).faults if fault.pack == "kerbs"}
    two, none = line_of(folder, 'id="two"'), line_of(folder, 'id="none"')
    assert faults == {
        ("catalog.rule_condition", two),
        ("catalog.rule_kind", two),
        ("catalog.rule_grade", two),
        ("catalog.source_missing", two),
        ("catalog.rule_stream", none),
        ("catalog.rule_code", line_of(folder, 'id="odd"')),
        ("catalog.rule_never_sound", line_of(folder, 'id="all"')),
        ("catalog.rule_code", line_of(folder, 'id="any"')),
        ("catalog.codes_idle", line_of(folder, 'id="level"')),
        ("catalog.id_twice", line_of(folder, 'id="level"')),
        ("catalog.label_missing", line_of(folder, 'id="level"')),
        ("catalog.stream_time", line_of(folder, 'id="beat"')),
    }


def test_functions_stand_at_the_top_of_the_pack(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(
        folder,
        ("from xiuhua.kernel.packs import Pack", "from xiuhua.kernel.packs import Analysis, Output, Pack"),
        ("from xiuhua.kernel.words import Label", "from xiuhua.kernel.words import Label, Source"),
        (
            "    cases=(REPAIR,),",
            "    cases=(REPAIR,),\n    analyses=(\n"
            '        Analysis(id="guess", label=Label(zh="猜", en="Guess"), of="thing", output=Output.ROWS,\n'
            '                 run=lambda codes, parameters, seed: None, source=Source(standard="S")),\n    ),',
        ),
    )
    faults = {(fault.code, fault.line) for fault in loaded(folder).faults if fault.pack == "kerbs"}
    assert faults == {("catalog.callable_place", line_of(folder, 'id="guess"'))}


LOOK = """
LOOK = Round(
    id="look", label=Label(zh="查", en="Look"), of="thing", who="inspector", limit=WORKING_DAYS(5),
    form=(Attribute(id="cracked", label=Label(zh="开裂", en="Cracked"), value=Value.BOOLEAN, required=True),),
    where=WHERE, fails=FAILS,
)
GUESS = Analysis(
    id="guess", label=Label(zh="猜", en="Guess"), of="thing", output=Output.ROWS, run=guess, where=WHERE,
    source=Source(standard="S"),
)
"""
FORM = 'Field(of="look", root=Root.ITEM, name="cracked").among(True)'


@pytest.mark.parametrize(
    ("link", "faults"),
    [
        ("relation=Relation.NEAR, within_m=50", set()),
        ("relation=Relation.ON, within_m=5, many=True", set()),
        ("relation=Relation.NEAR", {"catalog.link_near"}),
        ("relation=Relation.UPSTREAM", {"catalog.link_upstream"}),
        ("relation=Relation.IN, required=True", {"catalog.link_idle"}),
        ("relation=Relation.IN, within_m=5", {"catalog.link_idle"}),
        ("within_m=5", {"catalog.link_idle"}),
    ],
)
def test_no_word_of_a_link_is_ignored(tmp_path: Path, link: str, faults: set[str]) -> None:
    folder = written(tmp_path)
    changed(
        folder,
        ("Geometry, ObjectType, Value,", "Geometry, Link, ObjectType, Relation, Value,"),
        (
            "    geometry=Geometry.POINT,",
            '    geometry=Geometry.POINT,\n    links=(Link(id="next", label=Label(zh="邻", en="Next"), to="thing", '
            f"{link}),),",
        ),
    )
    assert {fault.code for fault in loaded(folder).faults} == faults


@pytest.mark.parametrize(
    ("where", "fails", "faults"),
    [
        ('(THING["kind"] == "small") & ~(THING.own("code") == "X")', FORM, set()),
        ('THING.stream("beat") > 1', FORM, {("catalog.not_at_hand", "look"), ("catalog.not_at_hand", "guess")}),
        (
            '(THING["kind"] == "small") | ~HasOpenCase(case_type="repair")',
            FORM,
            {("catalog.not_at_hand", "look"), ("catalog.not_at_hand", "guess")},
        ),
        (
            'Linked(link="kerbs.thing.next", to="thing")',
            FORM,
            {("catalog.not_at_hand", "look"), ("catalog.not_at_hand", "guess")},
        ),
        ("None", 'THING["kind"] == "small"', {("catalog.not_on_form", "look")}),
        ("None", f'{FORM} & HasOpenCase(case_type="repair")', {("catalog.not_at_hand", "look")}),
    ],
)
def test_rounds_and_analyses_ask_only_for_what_is_at_hand(
    tmp_path: Path, where: str, fails: str, faults: set[tuple[str, str]]
) -> None:
    folder = written(tmp_path)
    changed(
        folder,
        ("Kind, Move,", "Kind, Move, Round,"),
        (
            "from xiuhua.kernel.indicators",
            "from xiuhua.kernel.expressions import Field, HasOpenCase, Linked, Root\nfrom xiuhua.kernel.indicators",
        ),
        ("Geometry, ObjectType, Value,", "Geometry, Link, ObjectType, Value,"),
        ("import Pack", "import Analysis, Output, Pack"),
        (
            "from xiuhua.kernel.words import Label",
            "from xiuhua.kernel.streams import Reports, Stream\nfrom xiuhua.kernel.words import Label, Source",
        ),
        (
            "    geometry=Geometry.POINT,",
            '    geometry=Geometry.POINT,\n    links=(Link(id="next", label=Label(zh="邻", en="Next"), to="thing"),),\n'
            '    streams=(Stream(id="beat", label=Label(zh="心跳", en="Beat"), reports=Reports.NUMBER, '
            "cadence=MINUTES(1), silent_after=MINUTES(9)),),",
        ),
        (
            "\nPACK = Pack(",
            "\ndef guess(codes, parameters, seed):\n    return None\n\n"
            + LOOK.replace("WHERE", where).replace("FAILS", fails)
            + "\nPACK = Pack(\n    rounds=(LOOK,),\n    analyses=(GUESS,),",
        ),
    )
    found = {(fault.code, fault.line) for fault in loaded(folder).faults if fault.pack == "kerbs"}
    assert found == {(code, line_of(folder, f'id="{name}"') - 1) for code, name in faults}


def test_a_number_does_not_give_a_private_value_away(tmp_path: Path) -> None:
    folder = written(tmp_path)
    changed(
        folder,
        ("import share", "import share, total"),
        ("import Label", "import Label, Privacy"),
        (
            "value=Value.DATE,",
            "value=Value.NUMBER, privacy=Privacy.PERSONAL,",
        ),
        (
            "    indicators=(",
            '    indicators=(\n        total(id="sum", label=Label(zh="和", en="Sum"), '
            'meaning=Label(zh="和", en="Sum"), of=THING, value=THING["repaired_on"]),',
        ),
    )
    faults = {(fault.code, fault.line) for fault in loaded(folder).faults if fault.pack == "kerbs"}
    assert faults == {("catalog.private_figure", line_of(folder, 'id="sum"'))}
