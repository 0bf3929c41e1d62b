"""Makes a site ready behind closed doors: tables, streams, areas, the first administrator, demonstration data."""

from __future__ import annotations

import argparse
import logging
import sys

from django.core.management import call_command

from xiuhua.http.sentences import sentence
from xiuhua.kernel.errors import XiuhuaError
from xiuhua.kernel.words import Label
from xiuhua.people.actions.songjiang import load_songjiang
from xiuhua.people.actions.users import first_administrator
from xiuhua.readings import listen
from xiuhua.readings.alarm_settings import alarm_settings_fault
from xiuhua.site.log import log_to_file
from xiuhua.stack.commands import Command
from xiuhua.stack.config import Config, read_config
from xiuhua.stack.console import complain, language, say, step
from xiuhua.testbed.commands import load_demo

log = logging.getLogger(__name__)


def prepare(arguments: argparse.Namespace) -> int:
    """Bring the site's tables and streams up to this version and load what every site has; 1 if that failed."""
    config = read_config()
    log_to_file(config, "prepare")
    try:
        _prepare(config, empty=arguments.empty)
    except XiuhuaError as error:
        log.exception("not prepared")
        print(sentence(error.code, dict(error.params), language()), file=sys.stderr)
        return 1
    except Exception as error:
        log.exception("not prepared")
        complain(CRASHED, kind=type(error).__name__, error=error)
        return 1
    return 0


def _prepare(config: Config, *, empty: bool) -> None:
    with step(Label(zh="更新数据库结构", en="bringing the tables up to date")):
        call_command("migrate", verbosity=0, interactive=False)
    with step(Label(zh="建立数据流", en="making the streams")):
        listen.prepare(config.nats_url)
    fault = alarm_settings_fault()
    if fault is not None:
        # The figures stand aside; a city's alarms never wait for them.
        print(sentence(fault.code, dict(fault.params), language()), file=sys.stderr)
    with step(Label(zh="载入松江区划、单位和岗位", en="loading areas, units and posts of Songjiang")):
        load_songjiang(cells=not empty)
    password = first_administrator()
    if password is not None:
        say(FIRST_PASSWORD, password=password)
    begun = config.data / "begun"
    if not begun.exists():
        if not empty:
            load_demo(config.data / DEMO_ACCOUNTS)
        # Written last: a first start that was cut off loads the demonstration at the next.
        begun.touch()


DEMO_ACCOUNTS = "demo-accounts.txt"
CRASHED = Label(zh="出错：{kind}：{error}", en="An error: {kind}: {error}")
FIRST_PASSWORD = Label(
    zh="\n第一位管理员：admin\n密码（只显示这一次）：{password}",
    en="\nFirst administrator: admin\nPassword (shown this once only): {password}",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `prepare`."""
    parser.add_argument("--empty", action="store_true")


PREPARE = Command(
    says=Label(zh="由 up 调用。", en="Called by `up`."),
    examples=("xiuhua prepare --empty",),
    arguments=add_arguments,
    run=prepare,
)
