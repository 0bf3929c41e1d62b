"""The API as far as this room."""

from __future__ import annotations

from django.urls import path
from ninja import NinjaAPI

from xiuhua.http.errors import add_handlers
from xiuhua.http.signed_in import SignedIn
from xiuhua.plans.api import router

api = NinjaAPI(auth=SignedIn(), urls_namespace="plans-tests")
add_handlers(api)
api.add_router("", router)
urlpatterns = [path("api/", api.urls)]
