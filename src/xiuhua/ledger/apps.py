from django.apps import AppConfig

from xiuhua.http.errors import sentences
from xiuhua.ledger.sentences import SENTENCES


class LedgerConfig(AppConfig):
    name = "xiuhua.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Give the sentences of this room's errors to the wall."""
        sentences(SENTENCES)
