"""The API described in git is the API that answers."""

from pathlib import Path

from xiuhua.site.openapi import described

KEPT = Path(__file__).resolve().parents[1] / "docs" / "reference" / "openapi.json"


def test_the_described_api_is_the_one_that_answers() -> None:
    assert KEPT.read_text(encoding="utf-8") == described(), (
        "run: python -m xiuhua.site.openapi > docs/reference/openapi.json && npm --prefix web run schema"
    )
