from django.apps import AppConfig
from django.utils.module_loading import import_string

from xiuhua.http.errors import sentences
from xiuhua.http.signed_in import use_actor_finder
from xiuhua.ledger.words import use_action_labels
from xiuhua.people.sentences import ACTIONS, SENTENCES


class PeopleConfig(AppConfig):
    name = "xiuhua.people"
    label = "people"

    def ready(self) -> None:
        """Give the rooms below this one's words and the function that knows sessions (by name: models load first)."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
        use_actor_finder(import_string("xiuhua.people.signed_in.actor_of_session"))
