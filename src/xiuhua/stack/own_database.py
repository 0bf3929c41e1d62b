"""A PostgreSQL of the site's own, named by URL: whether it answers and is new enough, before anything is changed."""

from __future__ import annotations

import psycopg

from xiuhua.kernel.errors import Conflict, Unavailable

LEAST_VERSION = 18
CONNECT_WITHIN_S = 10


def check_database(url: str) -> None:
    """Raise Unavailable if the server does not let us in, Conflict if it is older than we need; changes nothing."""
    try:
        with psycopg.connect(url, connect_timeout=CONNECT_WITHIN_S) as connection:
            found = connection.info.server_version // 10_000
    except psycopg.Error as error:
        problem = " ".join(str(error).split())
        raise Unavailable("stack.database_silent", problem=problem) from error
    if found < LEAST_VERSION:
        raise Conflict("stack.old_postgres", found=found, least=LEAST_VERSION)
