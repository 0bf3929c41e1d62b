"""The table of sentences: what each code of the error tree says to people."""

from __future__ import annotations

from xiuhua.kernel.words import Label

SENTENCES: dict[str, Label] = {}


def sentences(table: dict[str, Label]) -> None:
    """Add a room's sentences: code → Label with {param} places; under `param:value` how a value reads in them."""
    SENTENCES.update(table)


def sentence(code: str, params: dict[str, object], language: str) -> str:
    """Return the sentence of a code with its parameters filled in; the code itself if it has no sentence."""
    label = SENTENCES.get(code)
    if label is None:
        return code
    try:
        return label.in_language(language).format(
            **{
                name: SENTENCES[key].in_language(language) if (key := f"{name}:{value}") in SENTENCES else value
                for name, value in params.items()
            }
        )
    except (KeyError, IndexError):
        return label.in_language(language)
