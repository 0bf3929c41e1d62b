"""Identity, names and sources: the words that all other words carry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A name in Chinese and English; both are required."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the English text for "en" and anything that begins so, the Chinese one otherwise."""
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One allowed value of a CHOICE attribute, or one code that a stream of states may report."""

    id: str
    label: Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a rule, limit or threshold comes from; `confirmed=False` is shown as 待核 wherever the value is."""

    standard: str
    edition: str = ""
    clause: str = ""
    confirmed: bool = False


class Privacy(StrEnum):
    """Who may see a value; ordered from open to closed."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"

    @property
    def rank(self) -> int:
        """Return 0 for public up to 3 for sensitive."""
        return list(Privacy).index(self)


class Act(StrEnum):
    """What a post may do; the permission policy knows no other verbs."""

    SEE = "see"
    EDIT_OBJECTS = "edit_objects"
    IMPORT = "import"
    EXPORT = "export"
    OPEN_CASE = "open_case"
    HANDLE_ALARM = "handle_alarm"
    TUNE_RULES = "tune_rules"
    RUN_ANALYSIS = "run_analysis"
    ACCEPT_PROPOSAL = "accept_proposal"
    MANAGE_USERS = "manage_users"
    MANAGE_SETTINGS = "manage_settings"
    AUDIT = "audit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A post (岗位): who may act. Moves name posts by id; `sees` is the most private value it may read."""

    id: str
    label: Label
    acts: frozenset[Act] = frozenset({Act.SEE})
    sees: Privacy = Privacy.INTERNAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Ref:
    """Another pack's type, case type or indicator by its full id ("pack.id"); absent means the row is off, visibly."""

    id: str
