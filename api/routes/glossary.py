"""The glossary: its concepts, one by one, and as SKOS."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.problems import documented
from api.routes.asking import Member, Reading, Wired
from api.routes.paging import ByName
from api.wiring import Platform
from catalog.disclosure import Reader
from catalog.glossary import ConceptView
from catalog.glossary_revisions import ConceptRevision
from standards import skos_rdf
from standards.skos import Concept

router = APIRouter(tags=["glossary"])


@router.head("/glossary", include_in_schema=False)
@router.get("/glossary", responses=documented(401))
def list_concepts(platform: Wired, reader: Reading, page: ByName) -> list[Concept]:
    """List the concepts of the glossary, by id."""
    return page.within(_seen(platform, reader), lambda concept: concept.id)


@router.head("/glossary.ttl", include_in_schema=False)
@router.get(
    "/glossary.ttl",
    responses=documented(401) | {200: {"content": {"text/turtle": {}}}},
    response_class=Response,
)
def show_turtle(platform: Wired, reader: Reading) -> Response:
    """Return the glossary as SKOS in Turtle."""
    return Response(skos_rdf.to_turtle(_seen(platform, reader)), media_type="text/turtle; charset=utf-8")


@router.head("/glossary.jsonld", include_in_schema=False)
@router.get(
    "/glossary.jsonld",
    responses=documented(401) | {200: {"content": {"application/ld+json": {}}}},
    response_class=Response,
)
def show_json_ld(platform: Wired, reader: Reading) -> Response:
    """Return the glossary as SKOS in JSON-LD."""
    return Response(skos_rdf.to_json_ld(_seen(platform, reader)), media_type="application/ld+json")


@router.get("/glossary/{concept}/history", responses=documented(401, 403, 404))
def show_history(concept: str, platform: Wired, member: Member) -> list[ConceptRevision]:
    """Show what a concept said, from revision to revision of the glossary, by its id."""
    return list(platform.glossary.history(concept))


@router.head("/glossary/{concept}", include_in_schema=False)
@router.get("/glossary/{concept}", responses=documented(401, 404))
def show_concept(concept: str, platform: Wired, reader: Reading) -> ConceptView:
    """Show one concept, by its id or a label, and what is below it."""
    view = platform.glossary.get(concept)
    (seen,) = _linking(platform, (view.concept,), reader)
    return view.model_copy(update={"concept": seen})


def _seen(platform: Platform, reader: Reader) -> tuple[Concept, ...]:
    return _linking(platform, platform.glossary.list(), reader)


def _linking(platform: Platform, concepts: tuple[Concept, ...], reader: Reader) -> tuple[Concept, ...]:
    """Return the concepts without links to fields that strangers do not see."""
    if reader is not Reader.STRANGER:
        return concepts
    hidden = platform.disclosure.hidden({f.partition(".")[0] for c in concepts for f in c.fields})
    return tuple(
        each.model_copy(update={"fields": tuple(field for field in each.fields if field not in hidden)})
        for each in concepts
    )
