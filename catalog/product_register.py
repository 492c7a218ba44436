"""Products under governance: who answers for them, under which licence, and whether they are in use.

How a product is made is its recipe. Registering it says who answers for what it makes; only a registered
product can be retired, and a retired one is neither built, published nor granted.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from catalog.database import Database
from catalog.tables import ProductRow
from standards.errors import Conflict, InvalidInput, NotFound
from standards.faults import of_validation
from standards.texts import unprintable

Text = Annotated[str, Field(min_length=1)]


class ProductNotRegistered(NotFound):
    """Nobody has registered this product yet."""

    code = "product-not-registered"


class ProductRetired(Conflict):
    """The product is no longer in use."""

    code = "product-retired"


class MalformedProduct(InvalidInput):
    """A product document that can't be registered; the faults name the places."""

    code = "malformed-product"


class ProductState(StrEnum):
    """A retired product keeps its releases; no new ones are made, and nobody is newly granted it."""

    REGISTERED = "registered"
    RETIRED = "retired"


class ProductDraft(BaseModel):
    """What a steward writes to register a product. `name` is that of its recipe."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    owner: Text
    steward: Text
    organisation: Text
    licence: Text | None = None
    terms: Text | None = None


class RegisteredProduct(BaseModel):
    """A product as it now is, in which revision."""

    model_config = ConfigDict(frozen=True)

    document: ProductDraft
    revision: int
    state: ProductState


class ProductRegister:
    """The register of products, to be read; change requests write it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> RegisteredProduct:
        """Return the product. Raises ProductNotRegistered."""
        with self._database.read() as session:
            row = session.get(ProductRow, name)
            if row is None:
                raise ProductNotRegistered(
                    f"product {name} is not registered",
                    hint="write who answers for it and register it: shuize product register FILE",
                )
            return registered_product(row)

    def list(self) -> tuple[RegisteredProduct, ...]:
        """Return every registered product, by name."""
        with self._database.read() as session:
            return tuple(
                map(registered_product, session.scalars(sa.select(ProductRow).order_by(ProductRow.name)))
            )


def parse_product(document: object, *, where: str) -> ProductDraft:
    """Return the product described by a parsed document. Raises MalformedProduct with every fault."""
    try:
        draft = ProductDraft.model_validate(document)
    except ValidationError as error:
        raise MalformedProduct(
            f"{where} does not describe a product",
            hint="give name, owner, steward, organisation, and if you like licence and terms",
            faults=of_validation(error),
        ) from error
    if faults := list(unprintable(document)):
        raise MalformedProduct(
            f"{where} holds control characters", hint="mend the places listed", faults=faults
        )
    return draft


def require_product_in_use(session: Session, name: str) -> None:
    """Raise ProductRetired if the product is registered and retired."""
    row = session.get(ProductRow, name, populate_existing=True)
    if row is not None and row.state == ProductState.RETIRED:
        raise ProductRetired(
            f"product {name} is retired",
            hint=f"take it into use again: shuize product reinstate {name} --reason …",
        )


def registered_products(session: Session) -> dict[str, RegisteredProduct]:
    """Return every registered product by name, in the caller's transaction."""
    return {row.name: registered_product(row) for row in session.scalars(sa.select(ProductRow))}


def registered_product(row: ProductRow) -> RegisteredProduct:
    """Return the product of a row."""
    return RegisteredProduct(
        document=ProductDraft.model_validate(row.document),
        revision=row.revision,
        state=ProductState(row.state),
    )
