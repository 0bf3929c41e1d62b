from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured

from xiuhua.files.folder import folder
from xiuhua.kernel.errors import Fault


class FilesConfig(AppConfig):
    name = "xiuhua.files"
    label = "files"

    def ready(self) -> None:
        try:
            folder()
        except Fault as fault:
            raise ImproperlyConfigured(
                f"XIUHUA_FILES_URL takes a folder or a file:// URL, not {fault.params['scheme']}://"
            ) from None
