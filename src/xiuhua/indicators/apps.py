from django.apps import AppConfig

from xiuhua.http.errors import sentences
from xiuhua.indicators.sentences import ACTIONS, SENTENCES
from xiuhua.ledger.words import use_action_labels


class IndicatorsConfig(AppConfig):
    name = "xiuhua.indicators"
    label = "indicators"

    def ready(self) -> None:
        """Give the error wall and the record this room's words."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
