from django.apps import AppConfig


class ObjectsConfig(AppConfig):
    name = "xiuhua.objects"
    label = "objects"
