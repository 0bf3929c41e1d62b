"""What the faces refuse, in the status that their standards expect."""

from __future__ import annotations

from xiuhua.kernel.errors import Invalid, XiuhuaError


class BadQuestion(Invalid):
    """The question cannot be read, or asks for more than one answer gives."""

    status = 400


class NotOffered(XiuhuaError):
    """The standard knows it, and this face does not do it; params say where it is done."""

    status = 405
