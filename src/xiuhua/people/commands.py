"""`import areas` and `user`."""

from __future__ import annotations

import argparse
import getpass
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xiuhua.http.errors import SENTENCES
from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.errors import Invalid
from xiuhua.kernel.words import Label
from xiuhua.people import actions, queries
from xiuhua.people.actions.area_import import AreaFault
from xiuhua.people.posts import all_posts, post_label
from xiuhua.stack.commands import Command
from xiuhua.stack.console import say, step, words
from xiuhua.stack.paths import require_readable

ACTOR = system_actor("command-line")
ROW_FAULT = Label(zh="  第 {row} 行 {value}：{problem}", en="  row {row} {value}: {problem}")


def _area_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="GeoJSON, GeoPackage, Shapefile (.shp, .zip)")
    parser.add_argument("--crs", default="", help="EPSG | gcj02 | bd09")
    parser.add_argument("--layer", default="")
    parser.add_argument("--column", default="", help="code | name")
    parser.add_argument("--level", default="", choices=("town", "community", "grid"))


def _import_areas(arguments: argparse.Namespace) -> int:
    require_readable(arguments.file)
    try:
        with step(Label(zh="导入区划", en="Importing areas")):
            counts = actions.import_areas(
                ACTOR, file=arguments.file, crs=arguments.crs, layer=arguments.layer, column=arguments.column,
                level=arguments.level,
            )  # fmt: skip
    except Invalid as error:
        faults = _faults_of(error)
        if not faults:
            raise
        lines = "\n".join(
            words(ROW_FAULT, row=one.row, value=one.value, problem=words(SENTENCES[one.code], **one.params))
            for one in faults
        )
        raise Invalid(error.code, **{**error.params, "lines": lines}) from error
    for level, count in counts.items():
        say(Label(zh="{level}：{count} 个边界", en="{level}: {count} outlines"), level=level, count=count)
    return 0


def _faults_of(error: Invalid) -> Sequence[AreaFault]:
    faults = error.params.get("faults")
    return [fault for fault in faults if isinstance(fault, AreaFault)] if isinstance(faults, list) else []


IMPORT_AREAS = Command(
    says=Label(
        zh="导入真实的区划边界，替换合成的。支持 GeoJSON、GeoPackage、Shapefile；CGCS2000（4490）、WGS84（4326）、"
        "其他 EPSG 编号，或 --crs gcj02、bd09。按代码或名称对应；所有问题一次列出；全部合格才导入。",
        en="Takes real outlines of areas in place of the synthetic ones: GeoJSON, GeoPackage, Shapefile; CGCS2000 "
        "(4490), WGS 84 (4326), any EPSG number, or --crs gcj02, bd09. Rows are matched by code or name; all faults "
        "are listed together; all rows are taken or none.",
    ),
    examples=("xiuhua import areas towns.gpkg", "xiuhua import areas towns.geojson --crs gcj02 --column 名称"),
    arguments=_area_arguments,
    run=_import_areas,
)


EXAMPLES = Label(zh="例：", en="examples:")
ADD = Label(
    zh="新建用户。密码随机生成，只显示一次；--ask 由您输入。",
    en="Adds a person. The password is random and shown once; with --ask you type it.",
)
GRANT = Label(zh="授予某单位、某区域的岗位。", en="Gives a person a post at a unit over an area.")
REVOKE = Label(zh="撤销岗位。", en="Takes a post away.")
PASSWORD = Label(
    zh="重设密码。随机生成，只显示一次；--ask 由您输入。",
    en="Sets a new password. It is random and shown once; with --ask you type it.",
)
DEACTIVATE = Label(zh="停用：不能再登录，留痕不动。", en="Deactivates a person: no sign-in any more; history stays.")
ACTIVATE = Label(zh="重新启用。", en="Activates a person again.")
LIST = Label(zh="列出用户及其岗位。", en="Lists people with their posts.")
ASK = Label(zh="由您输入密码", en="ask for the password")


def _user_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(
        dest="verb", required=True, metavar="add|grant|revoke|list|password|deactivate|activate"
    )
    add = _verb(verbs, "add", ADD)
    add.add_argument("username")
    add.add_argument("--name", default="")
    add.add_argument("--administrator", action="store_true")
    add.add_argument("--ask", action="store_true", help=words(ASK))
    for name in ("grant", "revoke"):
        verb = _verb(verbs, name, GRANT if name == "grant" else REVOKE)
        verb.add_argument("username")
        verb.add_argument("post", metavar="post", help=", ".join(all_posts()))
        verb.add_argument("unit")
        verb.add_argument("area")
        if name == "grant":
            verb.add_argument("--own-unit-only", action="store_true")
    password = _verb(verbs, "password", PASSWORD)
    password.add_argument("username")
    password.add_argument("--ask", action="store_true", help=words(ASK))
    for name in ("deactivate", "activate"):
        _verb(verbs, name, DEACTIVATE if name == "deactivate" else ACTIVATE).add_argument("username")
    _verb(verbs, "list", LIST)


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, says: Label
) -> argparse.ArgumentParser:
    lines = [line for line in USER.examples if line.startswith(f"xiuhua user {name}")]
    return verbs.add_parser(
        name,
        description=words(says),
        epilog="\n".join((words(EXAMPLES), *(f"  {line}" for line in lines))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _user(arguments: argparse.Namespace) -> int:
    _VERBS[arguments.verb](arguments)
    return 0


def _new_password(arguments: argparse.Namespace) -> str:
    if arguments.ask:
        return getpass.getpass(words(Label(zh="密码：", en="Password: ")))
    return secrets.token_urlsafe(12)


def _show_password(arguments: argparse.Namespace, password: str) -> None:
    if not arguments.ask:
        say(Label(zh="密码（只显示这一次）：{password}", en="Password (shown once): {password}"), password=password)


def _add(arguments: argparse.Namespace) -> None:
    password = _new_password(arguments)
    actions.make_user(
        ACTOR,
        username=arguments.username,
        name=arguments.name or arguments.username,
        password=password,
        administrator=arguments.administrator,
    )
    _show_password(arguments, password)


def _password(arguments: argparse.Namespace) -> None:
    password = _new_password(arguments)
    actions.set_password(ACTOR, user_code=arguments.username, password=password)
    _show_password(arguments, password)


def _holding(arguments: argparse.Namespace) -> actions.Holding:
    return actions.Holding(
        post=arguments.post, unit=arguments.unit, area=arguments.area,
        own_unit_only=getattr(arguments, "own_unit_only", False),
    )  # fmt: skip


def _grant(arguments: argparse.Namespace) -> None:
    actions.grant(ACTOR, user_code=arguments.username, holding=_holding(arguments))


def _revoke(arguments: argparse.Namespace) -> None:
    actions.revoke(ACTOR, user_code=arguments.username, holding=_holding(arguments))


def _deactivate(arguments: argparse.Namespace) -> None:
    actions.set_active(ACTOR, user_code=arguments.username, active=False)


def _activate(arguments: argparse.Namespace) -> None:
    actions.set_active(ACTOR, user_code=arguments.username, active=True)


def _list(arguments: argparse.Namespace) -> None:
    for user in queries.user_rows(ACTOR):
        posts = [f"{words(post_label(one.post))} @ {one.unit.name} / {one.area.name}" for one in user.holdings.all()]
        if user.administrator:
            posts.insert(0, words(Label(zh="管理员", en="administrator")))
        if not user.active:
            posts.insert(0, words(Label(zh="已停用", en="deactivated")))
        say(Label(zh="{row}", en="{row}"), row="\t".join((user.username, user.name, "; ".join(posts))))


_VERBS: Mapping[str, Callable[[argparse.Namespace], None]] = {
    "add": _add,
    "grant": _grant,
    "revoke": _revoke,
    "list": _list,
    "password": _password,
    "deactivate": _deactivate,
    "activate": _activate,
}

USER = Command(
    says=Label(
        zh="管理用户：新建、授予和撤销岗位、列出、重设密码、停用和启用。密码随机生成，只显示一次；--ask 由您输入。",
        en="Manages people: adds them, grants and revokes posts, lists, sets a new password, deactivates and "
        "activates. Passwords are random and shown once; with --ask you type one.",
    ),
    examples=(
        "xiuhua user add wang --name 王晓明",
        "xiuhua user grant wang dispatcher cyzx 310117",
        "xiuhua user grant li town_staff town-310117102 310117102",
        "xiuhua user revoke wang dispatcher cyzx 310117",
        "xiuhua user password wang --ask",
        "xiuhua user deactivate wang",
        "xiuhua user activate wang",
        "xiuhua user list",
    ),
    arguments=_user_arguments,
    run=_user,
)
