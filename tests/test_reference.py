"""The pages under docs/reference are what the declarations say: rewrite them with python -m xiuhua.site.reference."""

from __future__ import annotations

import pytest

from xiuhua.catalog.reference import GLOSSARY, declared_words
from xiuhua.site.reference import FOLDER, pages


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name]


def test_every_word_has_one_chinese_word() -> None:
    names = [kind.__name__ for kind in declared_words()]
    assert sorted(names) == sorted(GLOSSARY)
    assert len(set(GLOSSARY.values())) == len(GLOSSARY)
