"""HTTP of the SensorThings face."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from ninja import Router

from xiuhua.faces.errors import BadQuestion
from xiuhua.faces.sensorthings.addresses import place_at
from xiuhua.faces.sensorthings.answering import Answer
from xiuhua.faces.sensorthings.conformance import CLASSES
from xiuhua.faces.sensorthings.creating import create, create_many
from xiuhua.faces.sensorthings.options import Options, options_in
from xiuhua.faces.sensorthings.world import MANY, World
from xiuhua.http.errors import language_of
from xiuhua.http.signed_in import actor_of
from xiuhua.http.wall import read_json

router = Router(tags=["sensorthings"])
ROOT = "/sensorthings/v1.1"
BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}


@router.get(ROOT, response=dict[str, Any])
@router.get(ROOT + "/", response=dict[str, Any], include_in_schema=False)
def sensorthings_root(request: HttpRequest) -> dict[str, Any]:
    """List the sets of entities, and what of the standard is offered."""
    base = _base(request)
    return {
        "value": [{"name": kind, "url": f"{base}/{kind}"} for kind in MANY],
        "serverSettings": {"conformance": list(CLASSES)},
    }


@router.get(ROOT + "/{path:path}", response=dict[str, Any])
def sensorthings_read(request: HttpRequest, path: str) -> HttpResponse:
    """Read a set, an entity, a property or links."""
    given = {name: str(value) for name, value in request.GET.items()}
    answer = Answer(_world(request), _base(request))
    place = place_at(path)
    found = answer.at(place, options_in(given), given)
    if place.value:
        return HttpResponse(str(found), content_type="text/plain; charset=utf-8")
    return JsonResponse(found)


@router.post(ROOT + "/{path:path}", response={201: Any}, openapi_extra=BODY)
def sensorthings_create(request: HttpRequest, path: str) -> HttpResponse:
    """Keep an Observation, or those of data arrays; they are stored in a moment."""
    world = _world(request)
    answer = Answer(world, _base(request))
    nats_url = settings.CONFIG.nats_url
    if path.strip("/") == "CreateObservations":
        made = create_many(world, _body(request), nats_url=nats_url)
        return JsonResponse(["error" if one is None else answer.link(one) for one in made], safe=False, status=201)
    one = create(world, place_at(path), _body(request), nats_url=nats_url)
    response = JsonResponse(answer.written(one, Options()), status=201)
    response["Location"] = answer.link(one)
    return response


def _world(request: HttpRequest) -> World:
    return World(actor_of(request), language=language_of(request), now=timezone.now())


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri(f"/api{ROOT}")


def _body(request: HttpRequest) -> object:
    try:
        return read_json(request.body)
    except (ValueError, RecursionError) as error:
        raise BadQuestion("faces.observation_wrong", detail="no JSON") from error
