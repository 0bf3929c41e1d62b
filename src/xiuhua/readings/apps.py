from django.apps import AppConfig

from xiuhua.http.errors import sentences
from xiuhua.ledger.words import use_action_labels
from xiuhua.readings.sentences import ACTIONS, SENTENCES


class ReadingsConfig(AppConfig):
    name = "xiuhua.readings"
    label = "readings"

    def ready(self) -> None:
        """Give the rooms below this one's words."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
