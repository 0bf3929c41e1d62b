"""The one error tree: a stable code and its parameters; the words are looked up at the wall."""

from __future__ import annotations


class XiuhuaError(Exception):
    """Any failure that the product names; `code` is stable, `params` fill its sentence."""

    status = 500

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return self.code + (f" {self.params}" if self.params else "")


class Invalid(XiuhuaError):
    """The caller sent something that cannot be taken; params name the field, row or line and what to do."""

    status = 422


class NotFound(XiuhuaError):
    """What was asked for is not there, or the actor may not know that it is."""

    status = 404


class Refused(XiuhuaError):
    """The actor is known but may not do this; params name the post that may."""

    status = 403


class NotSignedIn(XiuhuaError):
    """No valid session came with the call."""

    status = 401


class Conflict(XiuhuaError):
    """The world moved on since the caller looked: wrong version, wrong state, overlap."""

    status = 409


class TooMany(XiuhuaError):
    """The caller tried too often; params say when it may try again."""

    status = 429


class Unavailable(XiuhuaError):
    """A part below us does not answer; what still works goes on."""

    status = 503


class Fault(XiuhuaError):
    """Ours, or a pack's: a declaration or an invariant is broken; params name pack, rule, object."""
