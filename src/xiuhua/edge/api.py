"""Nodes: what people see and do, and what nodes call with their key."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.security import HttpBearer

from xiuhua.edge import copying, handing_over, nodes, queries, taking
from xiuhua.edge.models import Node
from xiuhua.edge.schemas import (
    CopyPage,
    CopyView,
    FileKept,
    LineView,
    NodeIn,
    NodeMade,
    NodeRow,
    Released,
    Stored,
    WhyIn,
)
from xiuhua.files.actions import store
from xiuhua.files.models import StoredFile
from xiuhua.http.signed_in import actor_of
from xiuhua.kernel.errors import Invalid, NotSignedIn


class NodeKey(HttpBearer):
    """Accepts a call that brings the key of a node that is not revoked; the node is `_node(request)`."""

    def __call__(self, request: HttpRequest) -> Any:
        """Return the node; raises NotSignedIn, also where no key was brought."""
        if "Authorization" not in request.headers:
            raise NotSignedIn("http.not_signed_in")
        node = super().__call__(request)
        if node is None:
            raise NotSignedIn("edge.key_refused")
        return node

    def authenticate(self, request: HttpRequest, token: str) -> Node:
        """Return the node; raises NotSignedIn."""
        return nodes.node_of(token)


router = Router(tags=["edge"])
NODE = NodeKey()
PACKED: dict[str, Any] = {
    "requestBody": {"content": {"application/msgpack": {"schema": {"type": "string", "format": "binary"}}}}
}
PLAIN: dict[str, Any] = {
    "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def _node(request: HttpRequest) -> Node:
    return cast(Node, request.auth)  # type: ignore[attr-defined]


@router.get("/nodes", response=list[NodeRow])
def list_nodes(request: HttpRequest) -> list[NodeRow]:
    """List the towns' nodes: line, lag, age of the copy, counts."""
    return queries.nodes(actor_of(request), now=timezone.now())


@router.post("/nodes", response={201: NodeMade})
def make_node(request: HttpRequest, body: NodeIn) -> tuple[int, NodeMade]:
    """Make a town's node; its key is shown this once."""
    node, key = nodes.make_node(actor_of(request), town=body.town, now=timezone.now())
    return 201, NodeMade(code=node.code, key=key)


@router.post("/nodes/{node_id}/revoke", response={204: None})
def revoke_node(request: HttpRequest, node_id: UUID, body: WhyIn) -> tuple[int, None]:
    """Revoke a node's key and take over what it owns."""
    nodes.revoke_node(actor_of(request), node_id, why=body.why, now=timezone.now())
    return 204, None


@router.get("/edge/line", response=LineView)
def read_line(request: HttpRequest) -> LineView:
    """At a node: how its line to the centre is."""
    return queries.line_view(now=timezone.now())


@router.post("/edge/cases/{case_id}/release", response=Released)
def release_case(request: HttpRequest, case_id: UUID, body: WhyIn) -> Released:
    """At a node: hand a case to the centre."""
    case = handing_over.release(actor_of(request), case_id, why=body.why)
    return Released(id=case.id, number=case.number)


@router.post("/edge/up", response=Stored, auth=NODE, openapi_extra=PACKED)
def take_up(request: HttpRequest) -> Stored:
    """From a node: items in order; answers how far it has handed up."""
    now = timezone.now()
    taken = taking.take(_node(request), taking.parcel_in(request.body), now=now)
    return Stored(position=taken.position, counts=dict(taken.counts), at=now)


@router.get("/edge/files/{hash}", response=FileKept, auth=NODE)
def has_file(request: HttpRequest, hash: str) -> FileKept:
    """From a node: whether a file of its cases is here already; only files of the node's own sending are told."""
    return FileKept(
        kept=StoredFile.objects.filter(hash=hash, stored_by=nodes.actor_of_node(_node(request)).code).exists()
    )


@router.put("/edge/files/{hash}", response=FileKept, auth=NODE, openapi_extra=PLAIN)
def put_file(request: HttpRequest, hash: str) -> FileKept:
    """From a node: a file of one of its cases."""
    kept = store(nodes.actor_of_node(_node(request)), request, hash[:64])
    if kept.hash != hash:
        raise Invalid("edge.file_differs", hash=hash[:64])
    return FileKept(kept=True)


@router.get("/edge/copy", response=CopyView, auth=NODE)
def read_copy(request: HttpRequest) -> CopyView:
    """From a node: the digests of what it ought to have."""
    return CopyView(digests=copying.digests(_node(request)), catalogue=copying.catalogue_digest())


@router.get("/edge/copy/{part}", response=CopyPage, auth=NODE)
def read_copy_part(request: HttpRequest, part: str, after: str = "") -> CopyPage:
    """From a node: rows of a part of its copy."""
    rows, following = copying.page(_node(request), part, after)
    return CopyPage(rows=rows, next=following)
