"""Which column means what: a guess with how sure it is and why, for a person to confirm. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from xiuhua.kernel.objects import Geometry, ObjectType, Relation, Writer
from xiuhua.kernel.words import Label

USUAL: dict[str, tuple[str, ...]] = {
    "code": ("编号", "编码", "代码", "标识", "标识码", "code", "id", "no", "number", "uid"),
    "name": ("名称", "名字", "站名", "name", "title"),
    "lon": ("经度", "东经", "lon", "lng", "long", "longitude", "x", "x坐标", "坐标x"),
    "lat": ("纬度", "北纬", "lat", "latitude", "y", "y坐标", "坐标y"),
    "wkt": ("wkt", "geometry", "geom", "几何", "图形"),
    "area": ("区域", "街镇", "所属街镇", "所在街镇", "所属区域", "居村", "area", "town", "community"),
    "unit": ("单位", "管理单位", "责任单位", "权属单位", "主管单位", "所属单位", "unit", "operator"),
    "valid_from": ("有效期起", "起始日期", "开始日期", "生效日期", "valid from", "start date"),
    "valid_to": ("有效期止", "截止日期", "结束日期", "到期日期", "valid to", "end date", "expiry date"),
}
ALIKE = 0.75
SAME = Label(zh="与声明的名称相同", en="Same as the declared name")
USUAL_WORD = Label(zh="常用的列名", en="A usual name for it")
ENDS_SO = Label(zh="列名以常用词结尾", en="Ends in a usual name for it")
LOOKS_LIKE = Label(zh="与声明的名称相近", en="Looks like the declared name")
NOT_IMPORTED = Label(zh="这一项不由导入写入", en="Imports do not write this")
AS_LAST = Label(zh="与上次导入相同列的文件时一样", en="As in the last import of a file with these columns")
TAKEN = Label(zh="已有更合适的列", en="Another column fits better")
NOTHING = Label(zh="没有相近的属性", en="Nothing declared is like it")


@dataclass(frozen=True, kw_only=True, slots=True)
class Guess:
    """One column's likely meaning; `to` is empty for none, confidence 0 to 1."""

    column: str
    to: str
    confidence: float
    ground: Label


def guess_mapping(declared: ObjectType, columns: Sequence[str]) -> list[Guess]:
    """Return a guess for each column; no two columns get the same target."""
    names, refused = _names(declared)
    guesses = [_guess(column, names, refused) for column in columns]
    best: dict[str, Guess] = {}
    for guess in guesses:
        if guess.to and (guess.to not in best or guess.confidence > best[guess.to].confidence):
            best[guess.to] = guess
    return [
        guess
        if not guess.to or best[guess.to] is guess
        else Guess(column=guess.column, to="", confidence=0.0, ground=TAKEN)
        for guess in guesses
    ]


def targets(declared: ObjectType) -> set[str]:
    """Return all that a column of this type may be mapped to."""
    own = {"code", "name", "area", "unit"}
    if declared.geometry is not Geometry.NONE:
        own.add("wkt")
    if declared.geometry is Geometry.POINT:
        own |= {"lon", "lat"}
    if declared.period:
        own |= {"valid_from", "valid_to"}
    links = {f"link.{link.id}" for link in declared.links if link.relation is Relation.KEY}
    return own | links | {f"attr.{attribute.id}" for attribute in declared.attributes}


def _names(declared: ObjectType) -> tuple[dict[str, tuple[str, float, Label]], set[str]]:
    """Return the names a column may bear → (target, confidence, ground), and those of attributes not imported."""
    names: dict[str, tuple[str, float, Label]] = {}
    allowed = targets(declared)
    for to, words in USUAL.items():
        if to in allowed:
            names |= {_plain(word): (to, 1.0 if word == to else 0.9, USUAL_WORD) for word in words}
    own = {_plain(to): names[_plain(to)] for to in USUAL if to in allowed}
    refused: set[str] = set()
    for link in declared.links:
        if link.relation is Relation.KEY:
            for word in (link.label.en, link.label.zh, link.id):
                names[_plain(word)] = (f"link.{link.id}", 1.0, SAME)
    for attribute in declared.attributes:
        spellings = [_plain(word) for word in (attribute.label.en, attribute.label.zh, attribute.id)]
        if Writer.IMPORT in attribute.written_by:
            names |= {word: (f"attr.{attribute.id}", 1.0, SAME) for word in spellings}
        else:
            refused.update(spellings)
            for word in spellings:
                names.pop(word, None)
    return names | own, refused


def _guess(column: str, names: dict[str, tuple[str, float, Label]], refused: set[str]) -> Guess:
    plain = _plain(column)
    if plain in refused:
        return Guess(column=column, to="", confidence=0.0, ground=NOT_IMPORTED)
    if plain in names:
        to, confidence, ground = names[plain]
        return Guess(column=column, to=to, confidence=confidence, ground=ground)
    for word in _ends(column):
        if word in names:
            return Guess(column=column, to=names[word][0], confidence=0.7, ground=ENDS_SO)
    close = max(names, key=lambda word: SequenceMatcher(None, plain, word).ratio(), default="")
    likeness = SequenceMatcher(None, plain, close).ratio()
    if close and likeness >= ALIKE:
        return Guess(column=column, to=names[close][0], confidence=round(likeness * 0.6, 2), ground=LOOKS_LIKE)
    return Guess(column=column, to="", confidence=0.0, ground=NOTHING)


def _plain(text: str) -> str:
    """Return a column's name without case, spaces, marks and what stands in brackets (a unit)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]", "", re.sub(r"[(\[【].*?[)\]】]", "", folded))


def _ends(column: str) -> list[str]:
    """Return the endings that may be a usual word: the last part of stop_code, the last two letters of 站点编号."""
    folded = unicodedata.normalize("NFKC", column).casefold()
    parts = re.split(r"[\W_]+", folded)
    last = parts[-1] if len(parts) > 1 else ""
    chinese = folded[-2:] if re.search(r"[\u4e00-\u9fff]{3,}$", folded) else ""
    return [word for word in (last, chinese) if word]
