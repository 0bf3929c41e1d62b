from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "xiuhua.indicators"
    label = "indicators"
