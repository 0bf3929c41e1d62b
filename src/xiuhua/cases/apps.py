from django.apps import AppConfig

from xiuhua.cases.sentences import ACTIONS, SENTENCES
from xiuhua.http.errors import sentences
from xiuhua.ledger.words import use_action_labels


class CasesConfig(AppConfig):
    name = "xiuhua.cases"
    label = "cases"

    def ready(self) -> None:
        """Give the rooms below this one's words."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
