from django.apps import AppConfig

from xiuhua.faces.sentences import SENTENCES
from xiuhua.http.errors import sentences


class FacesConfig(AppConfig):
    name = "xiuhua.faces"
    label = "faces"

    def ready(self) -> None:
        """Give the error wall this room's words."""
        sentences(SENTENCES)
