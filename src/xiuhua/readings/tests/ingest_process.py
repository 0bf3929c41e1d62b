"""The ingest process alone, on the servers that the environment names; its clock may be wrong by so many seconds."""

from __future__ import annotations

import importlib
import os
import sys
from datetime import UTC, datetime, timedelta

import django

from xiuhua.stack.config import read_config
from xiuhua.stack.serving import stop_on_signal


def main() -> None:
    """Take readings in until told to stop."""
    stop = stop_on_signal()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiuhua.site.settings")
    django.setup()
    # Models can be read only once Django is set up.
    config = read_config()
    wrong_by = timedelta(seconds=float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)
    importlib.import_module("xiuhua.readings.worker").run(
        config.data, config.nats_url, stop, clock=lambda: datetime.now(UTC) + wrong_by
    )


if __name__ == "__main__":
    main()
