"""The API's description, kept in git: pages' types are generated from it, and a test compares it with the code.

`python -m xiuhua.site.openapi > docs/reference/openapi.json`
"""

from __future__ import annotations

import importlib
import json
import os
import sys

import django


def described() -> str:
    """Return the OpenAPI document of the API as it is, with sorted keys; Django must be set up."""
    api = importlib.import_module("xiuhua.site.api").api
    document = api.get_openapi_schema(path_prefix="/api/")
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xiuhua.site.settings")
    django.setup()
    sys.stdout.write(described())
