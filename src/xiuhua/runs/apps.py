from django.apps import AppConfig

from xiuhua.http.errors import sentences
from xiuhua.ledger.words import use_action_labels
from xiuhua.runs.sentences import ACTIONS, SENTENCES


class RunsConfig(AppConfig):
    name = "xiuhua.runs"
    label = "runs"

    def ready(self) -> None:
        """Give the rooms below this one's words."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
