"""Loads the action plan once, when the process starts."""

import logging
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from xiuhua.http.errors import sentences
from xiuhua.plans.loading import DEFAULT, load
from xiuhua.plans.plan import install
from xiuhua.plans.sentences import SENTENCES

log = logging.getLogger(__name__)


class PlansConfig(AppConfig):
    name = "xiuhua.plans"
    label = "plans"

    def ready(self) -> None:
        """Put this site's plan in force; what is wrong in its file is left out and logged."""
        sentences(SENTENCES)
        plan, faults = load(Path(settings.CONFIG.plan) if settings.CONFIG.plan else DEFAULT)
        for fault in faults:
            log.warning("%s:%s: %s", fault.file, fault.line, fault.message.en)
        install(plan)
