"""The catalog's rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.wiring.foundation import Foundation, NoHome
from api.wiring.once import once

if TYPE_CHECKING:
    from catalog.assets import Assets
    from catalog.changes import Changes
    from catalog.changes.batches import Batches
    from catalog.corrections import Corrections
    from catalog.datasets.register import Datasets
    from catalog.datasets.series import SeriesRegister
    from catalog.deployments import Deployments
    from catalog.disclosure import Disclosure
    from catalog.drift.register import Drifts
    from catalog.evidence import EvidenceRegister
    from catalog.exchange.dcat import Dcat
    from catalog.exchange.odcs import DataContracts
    from catalog.experience import ExperienceLibrary
    from catalog.figures import Figures, Segments
    from catalog.gates.passing import Gates
    from catalog.glossary import Glossary
    from catalog.grants import Grants
    from catalog.inspections import Inspections
    from catalog.intents import Intents
    from catalog.lineage import Lineage
    from catalog.lineage.impact import Impact
    from catalog.lineage.inventory import Inventory
    from catalog.loading.loader import Loader
    from catalog.organisation import Organisation, People
    from catalog.product_register import ProductRegister
    from catalog.quality.checking import Quality
    from catalog.quality.records.checking import RecordChecks
    from catalog.receipts import Receipts
    from catalog.releases.register import Releases
    from catalog.roles import Roles
    from catalog.sampling.drawing import Sampling
    from catalog.search.searching import Search
    from catalog.sensing.register import Sensings
    from catalog.suggesting.suggesting import Suggester
    from catalog.trail import Trail
    from products.recipe import Recipes
    from standards.skos import Concept


class CatalogRooms(Foundation):
    """Datasets, quality, lineage, search, people, changes, releases and grants."""

    @once
    def datasets(self) -> Datasets:
        from catalog.database import utc_now
        from catalog.datasets.register import Datasets

        return Datasets(self.database, utc_now)

    @once
    def disclosure(self) -> Disclosure:
        from catalog.disclosure import Disclosure

        return Disclosure(self.database, self.library)

    @once
    def series(self) -> SeriesRegister:
        from catalog.database import utc_now
        from catalog.datasets.series import SeriesRegister

        return SeriesRegister(self.database, utc_now)

    @once
    def loader(self) -> Loader:
        from catalog.database import utc_now
        from catalog.loading.loader import Loader

        rest = (self.drifts, self.lineage, self.gates)
        return Loader(self.datasets, self.store, self.library, utc_now, *rest)

    @once
    def gates(self) -> Gates:
        from catalog.database import utc_now
        from catalog.gates.judging import Judging
        from catalog.gates.passing import Gates

        return Gates(self.datasets, Judging(self.database, self.store, self.library, utc_now))

    @once
    def sensings(self) -> Sensings:
        from catalog.sensing.register import Sensings

        return Sensings(self.database, self.datasets, self.library)

    @once
    def drifts(self) -> Drifts:
        from catalog.drift.register import Drifts

        return Drifts(self.database, self.datasets, self.store, self.sensings, self.library)

    @once
    def suggester(self) -> Suggester:
        from catalog.suggesting.suggesting import Suggester

        def concepts() -> tuple[Concept, ...]:
            try:
                return self.glossary.list()
            except NoHome:
                from catalog.glossary import bundled

                return bundled()

        return Suggester(self.library, concepts)

    @once
    def quality(self) -> Quality:
        from catalog.database import utc_now
        from catalog.quality.checking import Quality

        return Quality(self.database, self.datasets, self.store, self.library, utc_now)

    @once
    def record_checks(self) -> RecordChecks:
        from catalog.database import utc_now
        from catalog.quality.records.checking import RecordChecks

        return RecordChecks(self.database, self.datasets, self.store, self.library, utc_now)

    @once
    def figure_segments(self) -> Segments:
        from catalog.database import utc_now
        from catalog.figures import Segments

        return Segments(self.database, self.store, utc_now)

    @once
    def figures(self) -> Figures:
        from zoneinfo import ZoneInfo

        from catalog.database import utc_now
        from catalog.figures import Calendar, Figures

        calendar = Calendar(ZoneInfo(self.settings.time_zone))
        return Figures(self.database, self.store, self.figure_segments, calendar, utc_now)

    @once
    def sampling(self) -> Sampling:
        from catalog.sampling.drawing import Sampling

        return Sampling(self.datasets, self.store)

    @once
    def lineage_inventory(self) -> Inventory:
        from catalog.lineage.inventory import Inventory

        self.lineage.settle()
        return Inventory(self.database)

    @once
    def impact(self) -> Impact:
        from catalog.lineage.impact import Impact
        from products.recipe import RecipeNotFound
        from standards.security import SecurityLevel, highest

        def product_level(product: str) -> SecurityLevel | None:
            try:
                fields = self.recipes.get(product).declaration.output.fields
            except RecipeNotFound:
                return None
            return highest(self.library.element(element).security_level for element in fields.values())

        self.lineage.settle()
        return Impact(self.database, product_level, self.library)

    @once
    def evidence(self) -> EvidenceRegister:
        from catalog.database import utc_now
        from catalog.evidence import EvidenceRegister, Limits

        said = self.settings
        limits = Limits(said.evidence_megabytes, said.evidence_metres, said.evidence_minutes, said.time_zone)
        return EvidenceRegister(self.database, self.store, utc_now, limits)

    @once
    def corrections(self) -> Corrections:
        from catalog.corrections import Corrections
        from catalog.database import utc_now

        return Corrections(self.database, self.datasets, self.store, self.loader, self.lineage, utc_now)

    @once
    def inspections(self) -> Inspections:
        from catalog.database import utc_now
        from catalog.inspections import Inspections

        return Inspections(self.database, self.datasets, self.store, self.loader, utc_now)

    @once
    def experience(self) -> ExperienceLibrary:
        from catalog.database import utc_now
        from catalog.experience import ExperienceLibrary

        return ExperienceLibrary(self.database, self.library, utc_now)

    @once
    def lineage(self) -> Lineage:
        from catalog.lineage import Lineage

        return Lineage(self.database)

    @once
    def search(self) -> Search:
        from catalog.search.searching import Search, standards
        from products.searchable import products

        sources = (standards(self.library), products(self.settings.recipes, self.library))
        return Search(self.database, self.library, sources)

    @once
    def glossary(self) -> Glossary:
        from catalog.database import utc_now
        from catalog.glossary import Glossary

        def products() -> set[str]:
            return {recipe.name for recipe in self.recipes.list()}

        return Glossary(self.database, self.library, utc_now, products)

    @once
    def trail(self) -> Trail:
        from catalog.database import utc_now
        from catalog.trail import Trail

        return Trail(self.database, utc_now)

    @once
    def organisation(self) -> Organisation:
        from catalog.database import utc_now
        from catalog.organisation import Organisation

        return Organisation(self.database, utc_now)

    @once
    def people(self) -> People:
        from catalog.database import utc_now
        from catalog.organisation import People

        return People(self.database, utc_now)

    @once
    def roles(self) -> Roles:
        from catalog.database import utc_now
        from catalog.roles import Roles

        return Roles(self.database, utc_now)

    @once
    def product_register(self) -> ProductRegister:
        from catalog.product_register import ProductRegister

        return ProductRegister(self.database)

    @once
    def changes(self) -> Changes:
        from catalog.changes import Changes
        from catalog.changes.publishing import StandardsSubject
        from catalog.changes.subjects import DatasetSubject, ProductSubject
        from catalog.database import utc_now

        products = ProductSubject(lambda name: self.recipes.get(name))
        subjects = (DatasetSubject(self.library), products, StandardsSubject(self.standards))
        return Changes(self.database, subjects, utc_now)

    @once
    def batches(self) -> Batches:
        from catalog.changes.batches import Batches
        from catalog.changes.subjects import DatasetSubject
        from catalog.database import utc_now

        return Batches(self.database, DatasetSubject(self.library), utc_now)

    @once
    def assets(self) -> Assets:
        from catalog.assets import Assets
        from catalog.database import utc_now

        return Assets(self.database, self.store, utc_now)

    @once
    def releases(self) -> Releases:
        from catalog.database import utc_now
        from catalog.releases.register import Releases

        return Releases(self.database, utc_now)

    @once
    def grants(self) -> Grants:
        from catalog.database import utc_now
        from catalog.grants import Grants

        return Grants(self.database, utc_now)

    @once
    def receipts(self) -> Receipts:
        from catalog.receipts import Receipts

        return Receipts(self.database)

    @once
    def intents(self) -> Intents:
        from catalog.database import utc_now
        from catalog.intents import Intents

        return Intents(self.database, utc_now)

    @once
    def deployments(self) -> Deployments:
        from catalog.database import utc_now
        from catalog.deployments import Deployments

        return Deployments(self.database, utc_now)

    @once
    def dcat(self) -> Dcat:
        from catalog.exchange.dcat import Dcat, Sources
        from catalog.exchange.dcat_facts import About
        from products.declared import declared

        said = self.settings
        about = About(said.catalog_title, said.catalog_title_zh, said.catalog_publisher, said.catalog_licence)
        sources = Sources(self.library, self.glossary.list, lambda: declared(self.recipes), about)
        return Dcat(self.database, sources)

    @once
    def data_contracts(self) -> DataContracts:
        from catalog.exchange.odcs import DataContracts

        return DataContracts(self.datasets, self.changes, self.library, self.disclosure)

    @once
    def recipes(self) -> Recipes:
        from products.recipe import Recipes

        return Recipes(self.settings.recipes)
