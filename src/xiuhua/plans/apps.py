from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "xiuhua.plans"
    label = "plans"
