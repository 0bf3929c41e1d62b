"""The command `demo`: load, speed up or clear the demonstration district."""

from __future__ import annotations

import argparse
from pathlib import Path

from xiuhua.kernel.actor import system_actor
from xiuhua.kernel.words import Label
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.console import say
from xiuhua.testbed.clearing import clear
from xiuhua.testbed.loading import load
from xiuhua.testbed.synthetic import kept_recipe

ACCOUNTS = "demo-accounts.txt"
OUT = Label(zh="演示数据已取出，留痕仍在", en="The demonstration is out; history still says that it was there")
PARTLY_OUT = Label(
    zh="演示数据已取出，以上 {count} 项仍被真实数据使用，保留并仍标为合成；"
    "把那些数据改到真实的单位、对象和区域后，再执行 xiuhua demo --clear",
    en="The demonstration is out, but for the {count} above, which real rows still need; they stay marked synthetic. "
    "Give those rows real units, objects and areas, then run xiuhua demo --clear again",
)
KEPT = {
    "object": Label(
        zh="  保留对象 {code} {name}：{why} 等 {count} 项要用",
        en="  kept: object {code} {name}, for {why} ({count} in all)",
    ),
    "unit": Label(
        zh="  保留单位 {code} {name}：{why} 等 {count} 项要用",
        en="  kept: unit {code} {name}, for {why} ({count} in all)",
    ),
    "grid": Label(
        zh="  保留网格 {code} {name}：{why} 等 {count} 项要用",
        en="  kept: grid {code} {name}, for {why} ({count} in all)",
    ),
}


def load_demo(accounts: Path) -> None:
    """Load the demonstration and write its accounts to `accounts`."""
    load(read_config().data, accounts)


def demo_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--load", action="store_true", help="load the demonstration district into this site")
    group.add_argument("--speed", type=float, metavar="N", help="run its devices N times as fast (1 to 600)")
    group.add_argument("--clear", action="store_true", help="take every demonstration row out again")


def demo(arguments: argparse.Namespace) -> int:
    """Load, speed up or clear the demonstration."""
    data = read_config().data
    if arguments.load:
        load(data, data / ACCOUNTS)
        say(
            Label(zh="演示区已载入，账号见 {file}", en="Demonstration loaded; accounts are in {file}"),
            file=data / ACCOUNTS,
        )
        return 0
    if arguments.clear:
        cleared = clear(system_actor("demo"), data)
        for what, count in cleared.gone.items():
            say(Label(zh="  {what}：{count}", en="  {what}: {count}"), what=what, count=count)
        for one in cleared.kept:
            say(KEPT[one.kind], code=one.code, name=one.name, why=one.why, count=one.count)
        say(PARTLY_OUT if cleared.kept else OUT, count=len(cleared.kept))
        return 0
    if kept_recipe(data) is None:
        say(Label(zh="本站点没有演示数据", en="This site has no demonstration"))
        return 1
    if not 1 <= arguments.speed <= 600:
        say(Label(zh="倍速须在 1 到 600 之间", en="The speed is between 1 and 600"))
        return 1
    (data / "run").mkdir(exist_ok=True)
    (data / "run" / "demo-speed").write_text(f"{arguments.speed}")
    say(
        Label(zh="演示设备按 {speed} 倍速运行", en="Demonstration devices now run {speed} times as fast"),
        speed=arguments.speed,
    )
    return 0


DEMO = Command(
    says=Label(
        zh="演示区：载入、调整设备速度、取出。沉默仍按真实时限发现。",
        en="The demonstration district: load it, speed up its devices, take it out. Silence keeps its real limit.",
    ),
    examples=("xiuhua demo --speed 10", "xiuhua demo --clear", "xiuhua demo --load"),
    arguments=demo_arguments,
    run=demo,
)
