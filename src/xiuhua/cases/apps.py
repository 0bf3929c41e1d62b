from collections.abc import Callable

from django.apps import AppConfig
from django.utils.module_loading import import_string

from xiuhua.cases.sentences import ACTIONS, SENTENCES
from xiuhua.http.errors import sentences
from xiuhua.ledger.words import use_action_labels


class CasesConfig(AppConfig):
    name = "xiuhua.cases"
    label = "cases"

    def ready(self) -> None:
        """Give the rooms below this one's words and what it knows of private answers (by name: models load first)."""
        sentences(SENTENCES)
        use_action_labels(ACTIONS)
        use_reader: Callable[[str, object], None] = import_string("xiuhua.people.queries.use_audit_reader")
        use_reader("case", import_string("xiuhua.cases.queries.remembering.make_cases_readable"))
        use_reader("round_item", import_string("xiuhua.cases.queries.remembering.make_items_readable"))
