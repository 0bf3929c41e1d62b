"""HTTP of this room: none of its own. Files are served by the room that holds them, after its permission check."""

from ninja import Router

router = Router(tags=["files"])
