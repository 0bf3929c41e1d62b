"""The one API: every room's router under one error shape and one sign-in."""

from __future__ import annotations

from ninja import NinjaAPI

from xiuhua.cases.api import router as cases
from xiuhua.catalog.api import router as catalog
from xiuhua.edge.api import router as edge
from xiuhua.faces.sensorthings.api import router as sensorthings
from xiuhua.files.api import router as files
from xiuhua.http.errors import add_handlers
from xiuhua.http.signed_in import SignedIn
from xiuhua.http.wall import StrictParser
from xiuhua.indicators.api import router as indicators
from xiuhua.ledger.api import router as ledger
from xiuhua.objects.api import router as objects
from xiuhua.people.api import router as people
from xiuhua.plans.api import router as plans
from xiuhua.readings.api import router as readings
from xiuhua.readings.history.api import router as history
from xiuhua.readings.rules_api import router as rules
from xiuhua.runs.api import router as runs

api = NinjaAPI(
    title="Xiuhua 绣花", version="1", auth=SignedIn(), parser=StrictParser(), docs_url=None, openapi_url="/openapi.json"
)
add_handlers(api)
for router in (
    people,
    catalog,
    objects,
    readings,
    history,
    rules,
    runs,
    cases,
    edge,
    files,
    indicators,
    plans,
    ledger,
    sensorthings,
):
    api.add_router("", router)
