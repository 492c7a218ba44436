"""Build: one use case from a recipe's name to a release draft, with lineage on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog.datasets.register import Datasets
from catalog.lineage import Lineage
from catalog.quality.checking import Quality, QualityReport
from catalog.releases.models import Release, ReleaseDraft, ReleaseNotFound
from catalog.releases.register import Releases
from catalog.store import FolderStore
from catalog.table_types import sql_type
from products.building import packaging
from products.building.inputs import ResolvedInput, resolve
from products.building.lineage_events import BuildRun
from products.building.making import Maker
from products.building.packaging import Making
from products.recipe import Recipes
from products.registering import Registering
from standards.errors import ShuizeError
from standards.library import Library
from standards.progress import Progress, silent


@dataclass(frozen=True)
class BuildOptions:
    """Which datasets to read instead of the recipe's own, and parameters other than their defaults."""

    inputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Built:
    """The release, and whether this build changed anything: the same content again is the same release."""

    release: Release
    is_new: bool


@dataclass(frozen=True)
class Builder:
    """Builds products."""

    recipes: Recipes
    datasets: Datasets
    quality: Quality
    lineage: Lineage
    releases: Releases
    store: FolderStore
    library: Library
    maker: Maker
    registering: Registering

    def build(
        self, product: str, *, by: str, options: BuildOptions | None = None,
        progress: Progress = silent,
    ) -> Built:  # fmt: skip
        """Build the product as the draft of its next version, or return the release it is already.

        A data element means what the datasets read cite of it, and else its newest version.

        Raises RecipeNotFound, BadParameter, the errors of `resolve` and `Maker.make`, UnknownParty.
        """
        options = options or BuildOptions()
        recipe = self.recipes.get(product)
        self.releases.to_build(product, by=by)
        parameters = recipe.parameters(options.parameters)
        inputs = resolve(recipe, options.inputs, self.datasets)
        library = self.datasets.as_cited(self.library, *(each.version.dataset for each in inputs))
        run = BuildRun.begin(self.lineage, recipe, inputs, lambda e: sql_type(library.element(e)))
        try:
            reports = tuple(self._input_report(each, by, progress) for each in inputs)
            made = replace(self.maker, library=library).make(recipe, inputs, parameters, progress)
            first = self.datasets.get(inputs[0].version.dataset)
            self.registering.ask(product, first.document, by=by)
            progress("packaging")
            built = self._keep(Making(recipe, parameters, inputs, reports, made), by, library)
        except ShuizeError as error:
            run.fail(error.message)
            raise
        run.complete(made, built.release.version)
        return built

    def _input_report(self, each: ResolvedInput, by: str, progress: Progress) -> QualityReport:
        """Return the version's quality report; a version never checked is checked now."""
        name, number = each.version.dataset, each.version.number
        if (run := self.quality.latest(name, number)) is not None:
            return run.report
        progress(f"checking {name} version {number}")
        return self.quality.check(name, number, by=by).report

    def _keep(self, making: Making, by: str, library: Library) -> Built:
        product = making.recipe.name
        number = self.releases.next_version(product)
        if (published := self._living(product, number - 1)) is not None:
            again = packaging.package(making, published.version, self.store, library)
            if again.manifest.digest() == published.manifest_digest:
                return Built(published, is_new=False)
        before = self._living(product, number)
        package = packaging.package(making, number, self.store, library)
        release = self.releases.keep_draft(
            ReleaseDraft(
                product=product,
                version=number,
                manifest=package.manifest.model_dump(mode="json", by_alias=True),
                manifest_digest=package.manifest.digest(),
                content_root=package.manifest.predicate.content_root,
                files=package.files,
                built_by=by,
            )
        )
        same = before is not None and before.manifest_digest == release.manifest_digest
        return Built(release, is_new=not same)

    def _living(self, product: str, version: int) -> Release | None:
        try:
            return self.releases.get(product, version)
        except ReleaseNotFound:
            return None
