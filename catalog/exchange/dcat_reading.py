"""Reading what is exchanged: a page in a few statements, whatever the size of the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from catalog.datasets.citing import as_cited
from catalog.datasets.models import DatasetDraft, DatasetState
from catalog.disclosure import Reader, views
from catalog.exchange.dcat_facts import Agent, DatasetFacts, Place, SeriesFacts, VersionFacts
from catalog.parties import PartyKind
from catalog.product_register import RegisteredProduct, registered_product
from catalog.releases.models import Release, ReleaseState
from catalog.releases.register import release_of
from catalog.tables import (
    DatasetRow,
    DatasetVersionRow,
    PartyRow,
    ProductRow,
    ReleaseRow,
    SeriesMemberRow,
    SeriesRow,
)
from standards.digests import Digest
from standards.library import Library

_VERSION = (
    DatasetVersionRow.dataset,
    DatasetVersionRow.number,
    DatasetVersionRow.digest,
    DatasetVersionRow.size_bytes,
    DatasetVersionRow.loaded_at,
)
_AT_A_TIME = 2_000
_PUBLIC = (ReleaseState.PUBLISHED.value, ReleaseState.WITHDRAWN.value)


def count(session: Session, row: type[DatasetRow] | type[SeriesRow]) -> int:
    """Return how many there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(row)) or 0


def dataset_names(session: Session, *, skip: int = 0, after: str = "", most: int) -> list[str]:
    """Return names of datasets, in their order: after a name, or past a number of them."""
    query = sa.select(DatasetRow.name).where(DatasetRow.name > after).order_by(DatasetRow.name)
    return list(session.scalars(query.offset(skip).limit(most)))


def series_names(session: Session, *, skip: int = 0, most: int) -> list[str]:
    """Return names of series, in their order, past a number of them."""
    query = sa.select(SeriesRow.name).order_by(SeriesRow.name)
    return list(session.scalars(query.offset(skip).limit(most)))


def datasets(session: Session, names: Sequence[str], library: Library) -> tuple[DatasetFacts, ...]:
    """Return the datasets of these names, by name, as strangers may see them.

    Those that are not there are left out.
    """
    rows = session.scalars(
        sa.select(DatasetRow).where(DatasetRow.name.in_(names)).order_by(DatasetRow.name)
    ).all()
    newest, places = _newest(session, names), _places(session, names)
    documents = {row.name: DatasetDraft.model_validate(row.document) for row in rows}
    seen = views(session, documents.values(), Reader.STRANGER, library)
    cited = as_cited(session, names, library)
    return tuple(
        DatasetFacts(
            document=seen[row.name].document(documents[row.name]),
            library=cited[row.name],
            is_retired=row.state == DatasetState.RETIRED,
            registered_at=row.registered_at,
            place=places.get(row.name),
            newest=newest.get(row.name),
        )
        for row in rows
    )


def versions(session: Session, dataset: str, *, skip: int, most: int) -> list[VersionFacts]:
    """Return versions of a dataset, newest first, past a number of them."""
    query = sa.select(*_VERSION).where(DatasetVersionRow.dataset == dataset)
    query = query.order_by(DatasetVersionRow.number.desc()).offset(skip).limit(most)
    return [_version(row) for row in session.execute(query)]


def version_count(session: Session, dataset: str) -> int:
    """Return how many versions a dataset has."""
    query = sa.select(sa.func.count()).where(DatasetVersionRow.dataset == dataset)
    return session.scalar(query) or 0


def older_versions(
    session: Session, found: Sequence[DatasetFacts]
) -> Iterator[list[tuple[DatasetFacts, VersionFacts]]]:
    """Yield every version but the newest of these datasets, some at a time."""
    by_name = {each.document.name: each for each in found if each.newest and each.newest.number > 1}
    if not by_name:
        return
    query = sa.select(*_VERSION).where(DatasetVersionRow.dataset.in_(by_name))
    query = query.order_by(DatasetVersionRow.dataset, DatasetVersionRow.number)
    for some in session.execute(query.execution_options(yield_per=_AT_A_TIME)).partitions():
        told = ((by_name[row.dataset], _version(row)) for row in some)
        yield [(each, version) for each, version in told if version != each.newest]


def series(session: Session, names: Iterable[str]) -> tuple[SeriesFacts, ...]:
    """Return the series of these names, by name; those that are not there are left out."""
    columns = SeriesMemberRow.begins_on, SeriesMemberRow.dataset

    def end(*order: sa.ColumnElement[Any] | sa.orm.InstrumentedAttribute[Any]) -> sa.ScalarSelect[str]:
        inside = sa.select(SeriesMemberRow.dataset).where(SeriesMemberRow.series == SeriesRow.name)
        return inside.order_by(*order).limit(1).correlate(SeriesRow).scalar_subquery()

    first, last = end(*columns), end(*(column.desc() for column in columns))
    query = sa.select(SeriesRow, first, last).where(SeriesRow.name.in_(list(names))).order_by(SeriesRow.name)
    return tuple(
        SeriesFacts(row.name, row.title, row.title_zh, row.description, row.added_at, first_in, last_in)
        for row, first_in, last_in in session.execute(query)
    )


def member_count(session: Session, series_name: str) -> int:
    """Return how many datasets a series has."""
    query = sa.select(sa.func.count()).where(SeriesMemberRow.series == series_name)
    return session.scalar(query) or 0


def members(session: Session, series_name: str, *, skip: int, most: int) -> list[str]:
    """Return datasets of a series, in its order, past a number of them."""
    query = sa.select(SeriesMemberRow.dataset).where(SeriesMemberRow.series == series_name)
    query = query.order_by(SeriesMemberRow.begins_on, SeriesMemberRow.dataset)
    return list(session.scalars(query.offset(skip).limit(most)))


def released_products(session: Session) -> set[str]:
    """Return the products of which something has been published."""
    return set(session.scalars(sa.select(ReleaseRow.product).where(ReleaseRow.state.in_(_PUBLIC)).distinct()))


def registered_products(session: Session, names: Sequence[str]) -> Mapping[str, RegisteredProduct]:
    """Return the registered of these products."""
    rows = session.scalars(sa.select(ProductRow).where(ProductRow.name.in_(names)))
    return {row.name: registered_product(row) for row in rows}


def newest_releases(
    session: Session, products: Sequence[str], *states: ReleaseState
) -> Mapping[str, Release]:
    """Return the newest release in one of these states, of each product that has one."""
    there = ReleaseRow.product.in_(products), ReleaseRow.state.in_([state.value for state in states])
    newest = sa.select(ReleaseRow.product, sa.func.max(ReleaseRow.version)).where(*there)
    key = sa.tuple_(ReleaseRow.product, ReleaseRow.version)
    rows = session.scalars(sa.select(ReleaseRow).where(*there, key.in_(newest.group_by(ReleaseRow.product))))
    return {row.product: release_of(row) for row in rows}


def releases(session: Session, product: str, *, skip: int = 0, most: int | None = None) -> list[Release]:
    """Return what has been published of a product, withdrawn or not, newest first, past a number of them."""
    query = sa.select(ReleaseRow).where(ReleaseRow.product == product, ReleaseRow.state.in_(_PUBLIC))
    rows = session.scalars(query.order_by(ReleaseRow.version.desc()).offset(skip).limit(most))
    return [release_of(row) for row in rows]


def release_count(session: Session, product: str) -> int:
    """Return how many releases of a product have been published."""
    query = sa.select(sa.func.count()).select_from(ReleaseRow)
    return session.scalar(query.where(ReleaseRow.product == product, ReleaseRow.state.in_(_PUBLIC))) or 0


def agents(session: Session, ids: Iterable[str]) -> Mapping[str, Agent]:
    """Return the parties of these ids."""
    rows = session.scalars(sa.select(PartyRow).where(PartyRow.id.in_(sorted(set(ids)))))
    return {row.id: _agent(row) for row in rows}


def first_organisation(session: Session) -> Agent | None:
    """Return the organisation that was added first."""
    query = sa.select(PartyRow).where(PartyRow.kind == PartyKind.ORGANISATION.value)
    row = session.scalar(query.order_by(PartyRow.added_at, PartyRow.id).limit(1))
    return None if row is None else _agent(row)


def _newest(session: Session, names: Sequence[str]) -> dict[str, VersionFacts]:
    mine = DatasetVersionRow.dataset.in_(names)
    newest = sa.select(DatasetVersionRow.dataset, sa.func.max(DatasetVersionRow.number))
    newest = newest.where(mine).group_by(DatasetVersionRow.dataset)
    key = sa.tuple_(DatasetVersionRow.dataset, DatasetVersionRow.number)
    query = sa.select(*_VERSION).where(mine, key.in_(newest))
    return {row.dataset: _version(row) for row in session.execute(query)}


def _places(session: Session, names: Sequence[str]) -> dict[str, Place]:
    mine, other = aliased(SeriesMemberRow), aliased(SeriesMemberRow)
    at, there = sa.tuple_(mine.begins_on, mine.dataset), sa.tuple_(other.begins_on, other.dataset)
    same = sa.select(other.dataset).where(other.series == mine.series).limit(1).correlate(mine)
    before = same.where(there < at).order_by(other.begins_on.desc(), other.dataset.desc())
    after = same.where(there > at).order_by(other.begins_on, other.dataset)
    query = sa.select(mine.dataset, mine.series, before.scalar_subquery(), after.scalar_subquery())
    found = session.execute(query.where(mine.dataset.in_(names))).all()
    known = {each.name: each for each in series(session, {name for _, name, _, _ in found})}
    return {dataset: Place(known[name], previous, next_) for dataset, name, previous, next_ in found}


def _version(row: sa.Row[str, int, str, int, datetime]) -> VersionFacts:
    return VersionFacts(row.number, Digest(row.digest), row.size_bytes, row.loaded_at)


def _agent(row: PartyRow) -> Agent:
    is_organisation = row.kind == PartyKind.ORGANISATION
    return Agent(row.id, row.name if is_organisation else row.id, is_organisation)
