from collections.abc import Callable

from django.apps import AppConfig
from django.utils.module_loading import import_string

from xiuhua.http.errors import sentences
from xiuhua.objects.sentences import SENTENCES


class ObjectsConfig(AppConfig):
    name = "xiuhua.objects"
    label = "objects"

    def ready(self) -> None:
        """Give the rooms below this one's words and what it knows of private values (by name: models load first)."""
        sentences(SENTENCES)
        use_finder: Callable[[Callable[[], bool]], None] = import_string(
            "xiuhua.people.demonstration.use_demonstration_finder"
        )
        use_finder(import_string("xiuhua.objects.demonstration.holds_synthetic_objects"))
        use_reader: Callable[[str, object], None] = import_string("xiuhua.people.queries.use_audit_reader")
        use_reader("object", import_string("xiuhua.objects.remembering.make_readable"))
