from collections.abc import Callable

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string

from xiuhua.edge.sentences import ACTIONS, SENTENCES
from xiuhua.http.errors import sentences
from xiuhua.ledger.words import use_action_labels


class EdgeConfig(AppConfig):
    name = "xiuhua.edge"
    label = "edge"

    def ready(self) -> None:
        """Give the rooms below this one's words; at a node, have what is stored handed up."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
        if settings.CONFIG.edge:
            use: Callable[[object], None] = import_string("xiuhua.readings.ingest.use_handing_up")
            use(import_string("xiuhua.edge.outgoing.hand_up"))
