"""The API as far as this room reaches: rooms above are not needed to test it."""

from __future__ import annotations

from django.urls import path
from ninja import NinjaAPI

from xiuhua.http.errors import add_handlers
from xiuhua.http.signed_in import SignedIn
from xiuhua.objects.api import router

api = NinjaAPI(auth=SignedIn(), urls_namespace="objects-tests")
add_handlers(api)
api.add_router("", router)
urlpatterns = [path("api/", api.urls)]
