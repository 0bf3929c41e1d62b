"""The `user` command."""

from __future__ import annotations

import argparse

import pytest

from xiuhua.kernel.errors import NotFound
from xiuhua.people.commands import USER
from xiuhua.people.models import User
from xiuhua.people.tests.conftest import Browser

pytestmark = pytest.mark.usefixtures("district")


def run(line: str) -> None:
    parser = argparse.ArgumentParser()
    USER.arguments(parser)
    assert USER.run(parser.parse_args(line.split())) == 0


def test_people_are_managed_from_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIUHUA_LANGUAGE", "zh")
    run("add wang --name 王晓明")
    password = capsys.readouterr().out.strip().rpartition("：")[2]
    assert Browser().sign_in("wang", password).status_code == 200
    run("grant wang dispatcher cyzx 310117")
    run("list")
    assert capsys.readouterr().out == "wang\t王晓明\t派遣员 @ 区城运中心 / 松江区\n"
    run("password wang")
    assert Browser().sign_in("wang", password).status_code == 401
    run("deactivate wang")
    run("revoke wang dispatcher cyzx 310117")
    user = User.objects.get(username="wang")
    assert not user.active and not user.holdings.exists()
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed-by-7-hands")
    run("password wang --ask")
    run("activate wang")
    assert Browser().sign_in("wang", "typed-by-7-hands").status_code == 200
    with pytest.raises(NotFound):
        run("deactivate nobody")
