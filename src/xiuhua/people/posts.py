"""The posts (岗位) every site has; packs bring more through `use_posts`."""

from __future__ import annotations

from collections.abc import Mapping

from xiuhua.kernel.words import Act, Label, Post, Privacy


def _post(id: str, zh: str, en: str, *acts: Act, sees: Privacy = Privacy.INTERNAL) -> Post:
    return Post(id=id, label=Label(zh=zh, en=en), acts=frozenset({Act.SEE, *acts}), sees=sees)


CORE_POSTS: tuple[Post, ...] = (
    _post("dispatcher", "派遣员", "Dispatcher", Act.OPEN_CASE, Act.HANDLE_ALARM, Act.EXPORT, sees=Privacy.PERSONAL),
    _post("handler", "承办人", "Handler", Act.OPEN_CASE),
    _post("verifier", "核查员", "Verifier", Act.OPEN_CASE),
    _post(
        "duty_chief", "值班长", "Duty chief", Act.OPEN_CASE, Act.HANDLE_ALARM, Act.EXPORT, Act.RUN_ANALYSIS,
        Act.ACCEPT_PROPOSAL, Act.TUNE_RULES, sees=Privacy.PERSONAL,
    ),
    _post(
        "data_officer", "台账员", "Register keeper", Act.EDIT_OBJECTS, Act.IMPORT, Act.EXPORT, Act.RUN_ANALYSIS,
        sees=Privacy.PERSONAL,
    ),
    _post("leader", "领导", "Leader", Act.EXPORT, Act.RUN_ANALYSIS, Act.ACCEPT_PROPOSAL),
    _post(
        "town_staff", "街镇专员", "Town officer", Act.EDIT_OBJECTS, Act.IMPORT, Act.EXPORT, Act.OPEN_CASE,
        Act.HANDLE_ALARM, Act.RUN_ANALYSIS, sees=Privacy.PERSONAL,
    ),
    _post("grid_worker", "网格员", "Grid worker", Act.OPEN_CASE),
    _post("inspector", "检查员", "Inspector", Act.OPEN_CASE, Act.RUN_ANALYSIS, Act.ACCEPT_PROPOSAL),
    _post("auditor", "审计员", "Auditor", Act.AUDIT, Act.EXPORT),
)  # fmt: skip

_posts: dict[str, Post] = {post.id: post for post in CORE_POSTS}


def use_posts(posts: Mapping[str, Post]) -> None:
    """Add the catalogue's posts, by full id, to those every site has; done once at start."""
    _posts.clear()
    _posts.update({post.id: post for post in CORE_POSTS})
    _posts.update(posts)


def all_posts() -> Mapping[str, Post]:
    """Return every post in force by id."""
    return _posts


def post_label(post_id: str) -> Label:
    """Return the post's name; the id itself where its pack is gone."""
    post = _posts.get(post_id)
    return post.label if post else Label(zh=post_id, en=post_id)
