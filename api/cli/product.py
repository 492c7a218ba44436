"""shuize product: build, approve, publish, list, show, export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame, product_text
from api.cli.governed import Request

if TYPE_CHECKING:
    from catalog.releases.models import Release

app = typer.Typer(name="product", help="Data products and their releases.", no_args_is_help=True)

Product = Annotated[str, typer.Argument(help="The product's name.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Number = Annotated[int | None, typer.Option("--version", help="A release. Default: the newest.")]


@app.command()
def build(
    product: Product,
    by: frame.As = None,
    given: Annotated[
        list[str] | None, typer.Option("--input", help="NAME=DATASET or NAME=DATASET@VERSION; repeatable.")
    ] = None,
    parameters: Annotated[
        list[str] | None, typer.Option("--set", help="PARAMETER=VALUE; repeatable.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Build a draft of the product's next release.

    The recipe runs, then the privacy step; files and a manifest come out.

    Example: shuize product build water-use-index --as li-na
    """
    from products.building.builder import BuildOptions

    options = BuildOptions(_pairs(given, "--input"), _pairs(parameters, "--set"))
    with frame.platform() as platform, frame.progress() as progress:
        built = platform.builder.build(
            product, by=frame.actor(platform, by), options=options, progress=progress
        )
    if json:
        frame.document({"release": built.release, "is_new": built.is_new})
        return
    if not built.is_new:
        frame.note("the content is the same, byte for byte, as that of the release shown")
    product_text.summary(built.release)


@app.command()
def register(
    document: Annotated[
        Path, typer.Argument(help="YAML with name, owner, steward, organisation, licence, terms.")
    ],
    reason: Annotated[str, typer.Option(help="Why, if there is more to say.")] = "first registration",
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that a product be registered: who answers for it. Only a registered one can be retired.

    Example: shuize product register samples/product.yaml --as li-na
    """
    Request("product", by, reason, json).register(document)


@app.command()
def change(
    document: Annotated[Path, typer.Argument(help="The whole document, changed.")],
    reason: Reason,
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Ask that a product's document be changed.

    It says who answers for the product, its licence and terms.

    Example: shuize product change samples/product.yaml --reason "the licence is known now" --as li-na
    """
    Request("product", by, reason, json).change(document)


@app.command()
def retire(product: Product, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Ask that a product no longer be built, published or granted. What was released stays.

    Example: shuize product retire customer-industry --reason "a better one is there" --as li-na
    """
    Request("product", by, reason, json).retire(product)


@app.command()
def reinstate(product: Product, reason: Reason, by: frame.As = None, json: frame.Json = False) -> None:
    """Ask that a retired product be used again.

    Example: shuize product reinstate customer-industry --reason "it is needed again" --as li-na
    """
    Request("product", by, reason, json).reinstate(product)


@app.command()
def approve(product: Product, version: Number = None, by: frame.As = None, json: frame.Json = False) -> None:
    """Approve a draft, as someone who did not build it.

    With the first release the product itself is registered. Those answer for it who answer for its first
    input.

    Example: shuize product approve water-use-index --as zhao-min
    """
    with frame.platform() as platform:
        release = platform.registering.approve(product, version, by=frame.actor(platform, by))
    _result(release, json)


@app.command()
def publish(product: Product, version: Number = None, by: frame.As = None, json: frame.Json = False) -> None:
    """Publish an approved release, for good.

    Its manifest digest and content root go on the chain; neither can be changed afterwards.

    Example: shuize product publish water-use-index --as zhao-min
    """
    with frame.platform() as platform, frame.progress() as progress:
        release = platform.publisher.publish(
            product, version, by=frame.actor(platform, by), progress=progress
        )
    _result(release, json)


@app.command()
def withdraw(
    product: Product,
    version: Annotated[int, typer.Option(help="The release.")],
    reason: Annotated[str, typer.Option(help="Why; it stands on the chain for everyone to read.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Withdraw a published release for good.

    It stays on the chain, marked with the reason, and is served no more.

    Example: shuize product withdraw water-use-index --version 1 --reason "meters swapped" --as zhao-min
    """
    with frame.platform() as platform, frame.progress() as progress:
        release = platform.publisher.withdraw(
            product, version, reason=reason, by=frame.actor(platform, by), progress=progress
        )
    _result(release, json)


@app.command("list")
def list_(json: frame.Json = False) -> None:
    """List the products that can be built and their releases.

    Example: shuize product list
    """
    with frame.platform() as platform:
        recipes, releases = platform.recipes.list(), platform.releases.list()
    if json:
        frame.document({"products": [r.declaration for r in recipes], "releases": releases})
        return
    frame.rows(
        ("product", "title"), ((r.name, f"{r.declaration.title} {r.declaration.title_zh}") for r in recipes)
    )
    if releases:
        frame.line("")
        frame.rows(
            ("product", "version", "state", "built by", "manifest sha-256"),
            ((r.product, r.version, r.state, r.built_by, r.manifest_digest) for r in releases),
        )


@app.command()
def show(product: Product, version: Number = None, json: frame.Json = False) -> None:
    """Show a product's recipe and one of its releases.

    Example: shuize product show water-use-index
    """
    with frame.platform() as platform:
        declaration = platform.recipes.get(product).declaration
        releases = platform.releases.list(product)
        release = platform.releases.get(product, version) if releases or version else None
    if json:
        frame.document(
            {"product": declaration, "release": release, "versions": [r.version for r in releases]}
        )
        return
    product_text.declared(declaration)
    if release:
        frame.line("")
        product_text.summary(release)


@app.command()
def describe(product: Product, json: frame.Json = False) -> None:
    """Print a product's description for its users.

    By the Open Data Product Standard 1.0, as YAML: what goes in and what was published, each with its data
    contract; who answers; where to verify.

    Example: shuize product describe water-use-index
    """
    from api.cli.catalog import address
    from catalog.exchange.dcat_iris import Iris
    from standards import plain_yaml

    with frame.platform() as platform:
        document = platform.data_products.describe(product, Iris.below(address(platform.settings)))
    if json:
        frame.document(document)
    else:
        frame.line(plain_yaml.write(document).rstrip("\n"))


@app.command()
def export(
    product: Product,
    folder: Annotated[Path, typer.Argument(help="A folder to create; it must not exist.")],
    version: Number = None,
    json: frame.Json = False,
) -> None:
    """Write a release's files to a new folder.

    The manifest is among them, so that `shuize verify` works on the folder alone; beside
    a published one lies anchor.json, which says where to ask: a hint, not a proof.

    Example: shuize product export water-use-index out/water-use-index
    """
    from products.exporting import export as export_release

    with frame.platform() as platform:
        release = platform.releases.get(product, version)
        paths = export_release(release, platform.store, folder)
    if json:
        frame.document([str(path) for path in paths])
    else:
        for path in paths:
            frame.line(str(path))


def _pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in given or ()]
    if wrong := [name for name, sign, value in pairs if not (name and sign and value)]:
        raise typer.BadParameter(f"{option} wants NAME=VALUE, not {wrong[0]!r}")
    return {name: value for name, _, value in pairs}


def _result(release: Release, json: bool) -> None:
    if json:
        frame.document(release)
    else:
        product_text.summary(release)
