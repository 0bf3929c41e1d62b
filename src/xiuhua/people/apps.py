from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "xiuhua.people"
    label = "people"
