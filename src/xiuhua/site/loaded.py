"""Django set up by being imported: the first module of the nursery from which the site's processes are forked."""

from __future__ import annotations

import gc
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiuhua.site.settings")
django.setup()
# What is loaded now is shared by all forks: the collector leaves it alone.
gc.freeze()
