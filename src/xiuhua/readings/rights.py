"""What a key speaks for: the subjects it may publish to, and which streams a gateway's sheet may hold.

A key names objects, not their codes: a code that is given to another object takes no right along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from xiuhua.readings.topics import Address, levels_of, spellings_of
from xiuhua.stack.subjects import GATEWAY, ROOT

_KEYS = """
    SELECT k.name, k.types, COALESCE(array_agg(s.object_id) FILTER (WHERE s.object_id IS NOT NULL), '{}')
    FROM readings_devicekey k LEFT JOIN readings_keyobject s ON s.key_id = k.id
    WHERE k.name = ANY (%s) GROUP BY k.id
"""


def subjects_of(name: str, types: Iterable[str], things: Iterable[tuple[str, str]], *, before: str) -> list[str]:
    """Return the subjects to which a key may publish: its own gateway's, those of every object of `types`, and those of
    `things` (type and code). `before` is what lies in front, in the place of the partition.
    """
    subjects = [f"{before}{GATEWAY}.{name}.*"]
    subjects += [f"{before}{ROOT}.{type_id}.>" for type_id in types]
    for type_id, code in things:
        # One level more and no further: `A/B` may be another object's code.
        spellings = spellings_of(Address(type=type_id, code=code, stream="*"))
        subjects += [f"{before}{ROOT}.{levels_of(name)}" for name in spellings]
    return subjects


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scope:
    """What one gateway speaks for; `slots` are those that were looked at and found good."""

    types: frozenset[str]
    objects: frozenset[UUID]
    slots: set[int] = field(default_factory=set)


class Speakers:
    """The ingest worker's memory of what each gateway speaks for, by the slots of its directory."""

    def __init__(self) -> None:
        self._scopes: dict[str, _Scope] = {}

    def forget(self) -> None:
        """Ask the database again for every gateway."""
        self._scopes.clear()

    def learn(self, gateways: Iterable[str]) -> None:
        """Look up the gateways that are not known; one without a key speaks for nothing."""
        wanted = [name for name in set(gateways) if name not in self._scopes]
        if not wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute(_KEYS, [wanted])
            for name, types, objects in cursor.fetchall():
                self._scopes[name] = _Scope(types=frozenset(types), objects=frozenset(objects))

    def foreign(
        self, gateway: str, slot_of: NDArray[np.int32], *, streams: Sequence[str], objects: Sequence[UUID]
    ) -> NDArray[np.bool_] | None:
        """Return which of the slots the gateway does not speak for; None if it speaks for all. `streams` and `objects`
        are the directory's, by slot; a slot below 0 is nobody's.
        """
        scope = self._scopes.get(gateway)
        asked = slot_of.tolist()
        if scope is None:
            return slot_of >= 0
        if scope.slots.issuperset(asked):
            return None
        foreign = np.zeros(len(asked), dtype=bool)
        for index, slot in enumerate(asked):
            if slot < 0 or slot in scope.slots:
                continue
            if objects[slot] in scope.objects or streams[slot].rpartition(".")[0] in scope.types:
                scope.slots.add(slot)
            else:
                foreign[index] = True
        return foreign if foreign.any() else None


def things_of(keys: Sequence[UUID]) -> Mapping[UUID, list[tuple[str, str]]]:
    """Return type and code of the standing objects that each of the keys speaks for."""
    found: dict[UUID, list[tuple[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.key_id, o.type, o.code
            FROM readings_keyobject s JOIN objects_cityobject o ON o.id = s.object_id
            WHERE s.key_id = ANY (%s) AND o.removed_at IS NULL
            """,
            [list(keys)],
        )
        for key, type_id, code in cursor.fetchall():
            found.setdefault(key, []).append((type_id, code))
    return found
