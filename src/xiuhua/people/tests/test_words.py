"""Every error code and every action of this room and the ledger has its words."""

from __future__ import annotations

import re
from pathlib import Path

from xiuhua.http.errors import SENTENCES
from xiuhua.http.sentences import sentence
from xiuhua.kernel.words import Act
from xiuhua.ledger.words import action_label

ROOMS = Path(__file__).resolve().parents[2]


def test_every_code_has_a_sentence_and_every_action_a_name() -> None:
    for room in ("people", "ledger", "http"):
        for file in (ROOMS / room).rglob("*.py"):
            if {"tests", "migrations"} & set(file.parts):
                continue
            text = file.read_text("utf-8")
            for code in re.findall(r'"((?:people|ledger|http)\.[a-z_]+)"', text):
                assert code in SENTENCES, f"{code} in {file.name}"
            for action in re.findall(
                r'(?:Change\(\s*action=|_recorded\(\s*actor, user, |_change\(\w+, )"([a-z_]+)"', text
            ):
                assert action_label(action).zh != action, f"{action} in {file.name}"


def test_what_is_not_allowed_is_named_in_words() -> None:
    for act in Act:
        said = sentence("people.act_not_allowed", {"act": act.value}, "zh")
        assert re.search(r"（[\u4e00-\u9fff]+）", said), said
    assert "(change rules)" in sentence("people.act_not_allowed", {"act": "tune_rules"}, "en")
