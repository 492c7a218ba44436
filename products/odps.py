"""Products by the Open Data Product Standard 1.0 of Bitol: what goes in, what comes out, who answers.

Source: bitol-io/open-data-product-standard v1.0.0; another standard of the same initials is not meant. There
is no SBOM, because none is made, and no support channel, because parties have no address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.changes import Changes, GovernedKind
from catalog.datasets.models import DatasetDraft, DatasetNotFound
from catalog.datasets.register import Datasets
from catalog.exchange.dcat_iris import Iris
from catalog.exchange.odcs_writing import contract_key
from catalog.product_register import (
    ProductNotRegistered,
    ProductRegister,
    ProductState,
    RegisteredProduct,
)
from catalog.releases.models import Release, ReleaseState
from catalog.releases.register import Releases
from products.recipe import Declaration, Recipes
from standards.data_contracts import data_product_id, product_contract_id

VERSION, KIND = "v1.0.0", "DataProduct"

Document = dict[str, Any]
_Key = tuple[str, str, str]
"""A dataset, and id and version of its data contract."""


class DataProducts:
    """Descriptions of products."""

    def __init__(
        self,
        recipes: Recipes,
        register: ProductRegister,
        releases: Releases,
        datasets: Datasets,
        changes: Changes,
    ) -> None:
        self._recipes = recipes
        self._register = register
        self._releases = releases
        self._datasets = datasets
        self._changes = changes

    def describe(self, product: str, iris: Iris) -> Document:
        """Return a product's description, with every release that was published. Raises RecipeNotFound."""
        said = self._recipes.get(product).declaration
        registered = self._registered(product)
        releases = self._releases.list_public(product)
        inputs = {release.version: self._inputs_of(release) for release in releases}
        used = [each for keys in inputs.values() for each in keys] or list(self._declared(said))
        found = {
            "apiVersion": VERSION,
            "kind": KIND,
            "id": data_product_id(product),
            "name": said.title,
            "version": _version(releases[-1].version) if releases else None,
            "status": _status(registered, releases),
            "tenant": registered.document.organisation if registered else None,
            "description": _description(said, registered),
            "customProperties": _custom(
                titleZh=said.title_zh,
                recipe=said.name,
                licence=registered.document.licence if registered else None,
                releaseModel=said.privacy.release_model.value,
            ),
            "inputPorts": [
                {"name": name, "version": version, "contractId": contract}
                for name, contract, version in dict.fromkeys(used)
            ],
            "outputPorts": [_output(release, inputs[release.version], iris) for release in releases],
            "managementPorts": _management(product, iris),
            "team": _team(registered),
            "productCreatedTs": _first(releases),
        }
        return {name: value for name, value in found.items() if value not in (None, [])}

    def _registered(self, product: str) -> RegisteredProduct | None:
        try:
            return self._register.get(product)
        except ProductNotRegistered:
            return None

    def _inputs_of(self, release: Release) -> tuple[_Key, ...]:
        """Return the contracts that held when the release's inputs were loaded."""
        keys = []
        for each in release.manifest["predicate"]["inputs"]:
            name = each["dataset"]
            revision = self._datasets.version(name, each["version"]).revision
            document = self._changes.revision(GovernedKind.DATASET, name, revision).document
            keys.append((name, *contract_key(DatasetDraft.model_validate(document), revision)))
        return tuple(keys)

    def _declared(self, said: Declaration) -> Iterator[_Key]:
        """Yield the contracts of the datasets that a recipe reads by default, of those that are there."""
        for each in said.inputs.values():
            try:
                dataset = self._datasets.get(each.dataset)
            except DatasetNotFound:
                continue
            yield each.dataset, *contract_key(dataset.document, dataset.revision)


def _version(number: int) -> str:
    """Return a release's version as its data contract has it."""
    return f"{number}.0.0"


def _status(registered: RegisteredProduct | None, releases: tuple[Release, ...]) -> str:
    if registered and registered.state is ProductState.RETIRED:
        return "retired"
    if any(release.state is ReleaseState.PUBLISHED for release in releases):
        return "active"
    return "deprecated" if releases else "draft"


def _description(said: Declaration, registered: RegisteredProduct | None) -> Document:
    found = {"purpose": said.description, "usage": said.method}
    if registered and registered.document.terms:
        found["limitations"] = registered.document.terms
    return found


def _output(release: Release, inputs: tuple[_Key, ...], iris: Iris) -> Document:
    told = release.manifest["predicate"]
    chain = release.chain or {}
    return {
        "name": release.product,
        "description": told["title"],
        "type": "tables",
        "version": _version(release.version),
        "contractId": product_contract_id(release.product),
        "inputContracts": [{"id": contract, "version": version} for _, contract, version in inputs],
        "customProperties": _custom(
            state=release.state.value,
            manifestSha256=release.manifest_digest,
            contentRoot=release.content_root,
            chainId=chain.get("chain_id"),
            registryContract=chain.get("contract"),
        ),
        "authoritativeDefinitions": [
            {
                "type": "manifest",
                "url": str(iris.manifest(release.product, release.version)),
                "description": "The in-toto Statement whose digest is on the chain.",
            }
        ],
    }


def _management(product: str, iris: Iris) -> list[Document]:
    ports = (
        (
            "description",
            "discoverability",
            iris.product_page(product),
            "What the product is and its releases.",
        ),
        ("catalog", "discoverability", iris.product(product), "The same in DCAT 3."),
        ("api", "dictionary", iris.openapi, "The HTTP API, in OpenAPI: rows and files, with a grant."),
        (
            "verification",
            "observability",
            f"{iris.base}/rpc",
            "A node of the chain: what `shuize verify --chain` asks.",
        ),
    )
    return [
        {"name": name, "content": content, "type": "rest", "url": str(url), "description": why}
        for name, content, url, why in ports
    ]


def _team(registered: RegisteredProduct | None) -> Document | None:
    if registered is None:
        return None
    document = registered.document
    members = (("owner", document.owner), ("data steward", document.steward))
    return {
        "name": document.organisation,
        "members": [{"username": party, "role": role} for role, party in members],
    }


def _first(releases: tuple[Release, ...]) -> str | None:
    return f"{releases[0].built_at:%Y-%m-%dT%H:%M:%SZ}" if releases else None


def _custom(**values: object) -> list[Document]:
    return [{"property": name, "value": value} for name, value in values.items() if value is not None]
