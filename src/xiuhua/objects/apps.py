from django.apps import AppConfig

from xiuhua.http.errors import sentences
from xiuhua.objects.sentences import SENTENCES


class ObjectsConfig(AppConfig):
    name = "xiuhua.objects"
    label = "objects"

    def ready(self) -> None:
        """Give the error wall this room's sentences."""
        sentences(SENTENCES)
