from django.apps import AppConfig


class ReadingsConfig(AppConfig):
    name = "xiuhua.readings"
    label = "readings"
