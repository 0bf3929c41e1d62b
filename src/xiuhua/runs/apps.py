from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "xiuhua.runs"
    label = "runs"
