"""The glossary: its concepts, one by one, and as SKOS."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.problems import documented
from api.routes.asking import Wired
from api.routes.paging import ByName
from catalog.glossary import ConceptView
from standards import skos_rdf
from standards.skos import Concept

router = APIRouter(tags=["glossary"])


@router.head("/glossary", include_in_schema=False)
@router.get("/glossary")
def list_concepts(platform: Wired, page: ByName) -> list[Concept]:
    """List the concepts of the glossary, by id."""
    return page.within(platform.glossary.list(), lambda concept: concept.id)


@router.head("/glossary.ttl", include_in_schema=False)
@router.get("/glossary.ttl", responses={200: {"content": {"text/turtle": {}}}}, response_class=Response)
def show_turtle(platform: Wired) -> Response:
    """Return the glossary as SKOS in Turtle."""
    return Response(skos_rdf.to_turtle(platform.glossary.list()), media_type="text/turtle; charset=utf-8")


@router.head("/glossary.jsonld", include_in_schema=False)
@router.get(
    "/glossary.jsonld", responses={200: {"content": {"application/ld+json": {}}}}, response_class=Response
)
def show_json_ld(platform: Wired) -> Response:
    """Return the glossary as SKOS in JSON-LD."""
    return Response(skos_rdf.to_json_ld(platform.glossary.list()), media_type="application/ld+json")


@router.head("/glossary/{concept}", include_in_schema=False)
@router.get("/glossary/{concept}", responses=documented(404))
def show_concept(concept: str, platform: Wired) -> ConceptView:
    """Show one concept, by its id or a label, and what is below it."""
    return platform.glossary.get(concept)
