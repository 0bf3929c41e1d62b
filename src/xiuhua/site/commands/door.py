"""`xiuhua door`: what a NATS of the city's own must know so that it asks us who may connect."""

from __future__ import annotations

import argparse

from xiuhua.kernel.words import Label
from xiuhua.stack.commands import Command
from xiuhua.stack.config import read_config
from xiuhua.stack.nats_address import nats_address
from xiuhua.stack.nats_server import OUR_USER, accounts
from xiuhua.stack.secrets import read_secret
from xiuhua.stack.serving import no_arguments


def door(arguments: argparse.Namespace) -> int:
    """Print the accounts and the auth callout of this site for the server of XIUHUA_NATS_URL."""
    config = read_config()
    address = nats_address(config.nats_url)
    password = address.get("password") or read_secret(config.data, "nats")
    print(accounts(config.data, our_user=address.get("user") or OUR_USER, our_password=password), end="")
    return 0


DOOR = Command(
    says=Label(
        zh="显示自备 NATS 所需的账户和准入配置（含密码），写入其配置文件。",
        en="Prints the accounts and the auth callout (with passwords) for the configuration of a NATS of your own.",
    ),
    examples=("xiuhua door --data /srv/xiuhua", "xiuhua door > /etc/nats/xiuhua.conf"),
    arguments=no_arguments,
    run=door,
)
