from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "xiuhua.catalog"
    label = "catalog"
