"""How a command reaches a site's servers: those that run, those named by URL, or one started for its own time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from xiuhua.stack.config import Config
from xiuhua.stack.nats_server import embedded_url
from xiuhua.stack.own_database import check_database
from xiuhua.stack.postgres import forget_sockets, make_postgres
from xiuhua.stack.running import Site, hold, read_site
from xiuhua.stack.supervisor import Supervisor


def running_site(config: Config) -> Site | None:
    """Return what runs on the data folder; None where nothing does or it is not ready yet."""
    site = read_site(config.data)
    return site if site is not None and site.ready else None


@contextlib.contextmanager
def records(config: Config, site: Site | None) -> Iterator[dict[str, str]]:
    """Give the environment under which the records are reached, starting PostgreSQL for the block if need be."""
    environment = {"XIUHUA_DATA": str(config.data)}
    if site is not None:
        environment["XIUHUA_DATABASE_URL"] = config.database_url or site.database
        environment["XIUHUA_NATS_URL"] = config.nats_url or embedded_url(config.data, site.nats_port)
        environment["XIUHUA_MQTT_PORT"] = str(site.mqtt_port)
        environment["XIUHUA_PORT"] = str(site.http_port)
        yield environment
    elif config.database_url:
        check_database(config.database_url)
        yield environment
    else:
        with hold(config.data), embedded_postgres(config) as url:
            yield environment | {"XIUHUA_DATABASE_URL": url}


@contextlib.contextmanager
def embedded_postgres(config: Config) -> Iterator[str]:
    """Run the embedded PostgreSQL for the block; gives its URL. The caller holds the data folder."""
    server = make_postgres(config.data)
    supervisor = Supervisor(changed=lambda _parts: None)
    try:
        supervisor.start(server.program(config.data / "logs" / "postgres.out"))
        yield server.url
    finally:
        supervisor.stop()
        forget_sockets(server.folder)
