"""Two people of different towns, an auditor, and a browser for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from xiuhua.kernel.actor import Actor, system_actor
from xiuhua.kernel.words import Act, Label, Post
from xiuhua.people import actions, posts
from xiuhua.people.models import User

PASSWORD = "fits-better-7-umbrellas"
YUEYANG, SIJING = "310117001", "310117102"
ROOT = system_actor("test")


class Browser:
    """A client that keeps its CSRF token as the pages do."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.get("/api/session")

    def call(self, method: str, path: str, body: object = None, *, csrf: bool = True) -> HttpResponse:
        token = self.client.cookies["csrftoken"].value if csrf else ""
        answer = self.client.generic(
            method, f"/api{path}", "" if body is None else json.dumps(body), content_type="application/json",
            headers={"X-CSRFToken": token},
        )  # fmt: skip
        assert isinstance(answer, HttpResponse)
        return answer

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def sign_in(self, username: str, password: str = PASSWORD) -> HttpResponse:
        return self.call("POST", "/session", {"username": username, "password": password})


@pytest.fixture
def district(db: None) -> Iterator[None]:
    """The areas and units, and a post that manages people (packs and sites declare such posts)."""
    actions.load_songjiang()
    acts = frozenset({Act.SEE, Act.MANAGE_USERS, Act.EXPORT, Act.OPEN_CASE})
    posts.use_posts({"keeper": Post(id="keeper", label=Label(zh="账号员", en="Account keeper"), acts=acts)})
    yield
    posts.use_posts({})


def person(username: str, post: str, town: str, *, own_unit_only: bool = False) -> User:
    """Return a new person who holds the post in the town."""
    holding = actions.Holding(post=post, unit=f"town-{town}", area=town, own_unit_only=own_unit_only)
    return actions.make_user(ROOT, username=username, name=username.title(), password=PASSWORD, holdings=[holding])


def signed_in(username: str) -> Browser:
    """Return a browser in which the person is signed in."""
    browser = Browser()
    assert browser.sign_in(username).status_code == 200
    return browser


def body_of(answer: HttpResponse) -> Any:
    """Return the JSON that came back."""
    return json.loads(answer.content)


def code_of(answer: HttpResponse) -> str:
    """Return the code of a problem."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return str(json.loads(answer.content)["code"])


__all__ = ["PASSWORD", "ROOT", "SIJING", "YUEYANG", "Actor", "Browser", "body_of", "code_of", "person", "signed_in"]
