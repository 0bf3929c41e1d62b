from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "xiuhua.ledger"
    label = "ledger"
