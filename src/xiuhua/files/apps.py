from django.apps import AppConfig

from xiuhua.files.sentences import SENTENCES
from xiuhua.http.errors import sentences


class FilesConfig(AppConfig):
    name = "xiuhua.files"
    label = "files"

    def ready(self) -> None:
        """Give the rooms below this one's words."""
        sentences(SENTENCES)
