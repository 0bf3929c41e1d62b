"""HTTP of this room: none of its own. Files are served by the room that holds them, after its permission check."""

from ninja import Router

from xiuhua.files.sentences import SENTENCES
from xiuhua.http.errors import sentences

sentences(SENTENCES)
router = Router(tags=["files"])
