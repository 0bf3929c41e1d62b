"""Pages of a list: page and size in, items and total out."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from ninja import Schema
from pydantic import Field, field_validator

T = TypeVar("T")
MOST_PAGES = 1_000_000


class Paging(Schema):
    """Which page of a list: `page` from 1, `size` up to 500."""

    page: Annotated[int, Field(ge=1)] = 1
    size: Annotated[int, Field(ge=1, le=500)] = 50

    @field_validator("page")
    @classmethod
    def within_reach(cls, page: int) -> int:
        """Return the page; a list is not turned beyond the millionth, which no database could count to."""
        if page > MOST_PAGES:
            raise ValueError(f"at most {MOST_PAGES}")
        return page

    @property
    def window(self) -> slice:
        """Return the rows of this page as a slice."""
        return slice((self.page - 1) * self.size, self.page * self.size)


class Page(Schema, Generic[T]):
    """One page of a list."""

    items: list[T]
    total: int
    page: int
    size: int
