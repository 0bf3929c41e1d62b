"""What search finds and lists sort by: folded words, their pieces (grams), and names in pinyin. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from pypinyin.phrases_dict import phrases_dict
from pypinyin.pinyin_dict import pinyin_dict

from xiuhua.kernel.objects import ObjectType, Value
from xiuhua.kernel.words import Privacy

SEARCHED = frozenset({Value.TEXT, Value.LONG_TEXT})
MOST_LETTERS = 2000
LONGEST_PHRASE = 4
_RUN = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z0-9]{3,}")
_DIGITS = re.compile(r"\d+")


def folded(text: str) -> str:
    """Return the text as search compares it: compatibility forms unified, lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(declared: ObjectType, *, code: str, name: str, attributes: Mapping[str, object]) -> str:
    """Return what can be searched of an object, a line each: code, name, text attributes no closer than internal."""
    parts = [code, name]
    for attribute in declared.attributes:
        if attribute.value in SEARCHED and attribute.privacy.rank <= Privacy.INTERNAL.rank:
            value = attributes.get(attribute.id)
            if isinstance(value, str):
                parts.append(value)
    return folded("\n".join(parts))[:MOST_LETTERS]


def grams(words: str) -> list[str]:
    """Return the pieces an object with these words is found by: all bigrams, trigrams of Latin letters and digits, and
    the first letter of code and name, marked "^".
    """
    pieces = _pieces(words)
    lines = words.split("\n", 2)
    pieces.update("^" + line[0] for line in lines[:2] if line)
    return sorted(pieces)


def asked(query: str) -> list[tuple[str, list[str]]]:
    """Return each word of a query with the pieces that all must be there; a single letter asks for a beginning."""
    found = []
    for word in folded(query).split():
        pieces = {"^" + word} if len(word) == 1 else _asked_pieces(word)
        found.append((word, sorted(pieces)))
    return found


@lru_cache(maxsize=200_000)
def sort_key(name: str) -> str:
    """Return the name in pinyin without tones, numbers padded so that 2 comes before 10, the name itself last."""
    text = folded(name)
    syllables: list[str] = []
    at = 0
    while at < len(text):
        for length in range(LONGEST_PHRASE, 1, -1):
            phrase = phrases_dict.get(text[at : at + length])
            if phrase is not None:
                syllables.extend(_plain(readings[0]) + " " for readings in phrase)
                at += length
                break
        else:
            syllables.append(_letter(text[at]))
            at += 1
    key = _DIGITS.sub(lambda number: number[0].zfill(8), "".join(syllables))
    return f"{key}\t{text}"


def _pieces(text: str) -> set[str]:
    pieces: set[str] = set()
    for run in _RUN.findall(text):
        pieces.update(run[at : at + 2] for at in range(len(run) - 1))
    for run in _LATIN.findall(text):
        pieces.update(run[at : at + 3] for at in range(len(run) - 2))
    return pieces


def _asked_pieces(word: str) -> set[str]:
    """Leave out the bigrams that a trigram of the word already holds."""
    pieces = _pieces(word)
    inside: set[str] = set()
    for piece in pieces:
        if len(piece) == 3:
            inside |= {piece[:2], piece[1:]}
    return pieces - inside


@lru_cache(maxsize=30_000)
def _letter(letter: str) -> str:
    readings = pinyin_dict.get(ord(letter))
    return _plain(readings.split(",")[0]) + " " if readings else letter


@lru_cache(maxsize=5_000)
def _plain(syllable: str) -> str:
    decomposed = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(part for part in decomposed if not unicodedata.combining(part))
