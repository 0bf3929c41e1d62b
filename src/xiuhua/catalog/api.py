"""HTTP of this room."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from xiuhua.catalog.queries import catalogue_json
from xiuhua.catalog.schemas import CatalogueView
from xiuhua.http.errors import language_of

router = Router(tags=["catalog"])


@router.get("/catalog", response=CatalogueView, by_alias=True)
def get_catalog(request: HttpRequest) -> HttpResponse:
    """Return everything declared; the same for every person signed in."""
    return HttpResponse(catalogue_json(language_of(request)), content_type="application/json")
