"""Who is signed in is told whether the site is a demonstration."""

from __future__ import annotations

import pytest

from xiuhua.people import demonstration
from xiuhua.people.tests.conftest import YUEYANG, Browser, body_of, person

pytestmark = pytest.mark.usefixtures("district")


def test_the_session_says_whether_objects_are_synthetic(monkeypatch: pytest.MonkeyPatch) -> None:
    person("li", "keeper", YUEYANG)
    found = False
    monkeypatch.setattr(demonstration, "_finder", [lambda: found])
    browser = Browser()
    assert body_of(browser.sign_in("li"))["demonstration"] is False
    found = True
    assert browser.get("/session")["demonstration"] is True
