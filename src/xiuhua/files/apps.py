from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from xiuhua.files.folder import folder
from xiuhua.files.sentences import SENTENCES
from xiuhua.http.errors import sentence, sentences
from xiuhua.kernel.errors import Fault


class FilesConfig(AppConfig):
    name = "xiuhua.files"
    label = "files"

    def ready(self) -> None:
        """Give the rooms below this one's words, and refuse to start where files could not be kept."""
        sentences(SENTENCES)
        try:
            folder()
        except Fault as fault:
            raise ImproperlyConfigured(sentence(fault.code, fault.params, "en")) from None
