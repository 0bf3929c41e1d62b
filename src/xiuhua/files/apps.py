from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "xiuhua.files"
    label = "files"
