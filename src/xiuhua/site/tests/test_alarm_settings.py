"""A site's own figures of alarms that cannot be used are said by `check` and `status`, and when the site starts."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from xiuhua.site.commands.check import check
from xiuhua.site.commands.status import as_text, gather

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("text", "wrong"), [('{"operators": 0}', True), ('{"operators": 2}', False)])
def test_check_and_status_say_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, wrong: bool
) -> None:
    (tmp_path / "alarms.json").write_text(text, encoding="utf-8")
    with override_settings(CONFIG=replace(settings.CONFIG, data=tmp_path)):
        check(argparse.Namespace(json=True, folder=[]))
        found = [one["place"] for one in json.loads(capsys.readouterr().out)]
        assert (str(tmp_path / "alarms.json") in found) is wrong
        assert ("operators: 0" in as_text(gather(settings.CONFIG, None))) is wrong
