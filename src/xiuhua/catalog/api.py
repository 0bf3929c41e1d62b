"""HTTP of this room."""

from ninja import Router

router = Router(tags=["catalog"])
