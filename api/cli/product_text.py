"""Products and their releases in a terminal, to be read by people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.cli import frame

if TYPE_CHECKING:
    from catalog.releases.models import Release
    from products.recipe import Declaration


def declared(declaration: Declaration) -> None:
    """Show what a recipe needs, takes and makes."""
    frame.facts(
        [
            ("product", declaration.name),
            ("title", f"{declaration.title} {declaration.title_zh}"),
            ("description", declaration.description),
            ("method", declaration.method),
        ],
    )
    frame.line("")
    frame.rows(
        ("input", "dataset", "needs"),
        ((n, i.dataset, ", ".join(i.fields.values())) for n, i in declaration.inputs.items()),
    )
    if declaration.parameters:
        frame.line("")
        frame.rows(
            ("parameter", "default", "meaning"),
            ((n, p.default, p.description) for n, p in declaration.parameters.items()),
        )
    frame.line("")
    frame.rows(("field", "data element"), declaration.output.fields.items())


def summary(release: Release) -> None:
    """Show a release: who made, approved and published it, its privacy, its files, its anchor."""
    told = release.manifest["predicate"]
    quality = told["quality"]
    frame.facts(
        [
            ("product", release.product),
            ("version", release.version),
            ("state", release.state),
            ("built", _when(release.built_at, release.built_by)),
            ("approved", _when(release.approved_at, release.approved_by)),
            ("published", _when(release.published_at, release.published_by)),
            ("rows", f"{told['rows']:,}"),
            ("inputs", ", ".join(f"{i['dataset']} version {i['version']}" for i in told["inputs"])),
            ("privacy", _privacy(told["privacy"])),
            ("quality", f"{quality['rules']} rules, {quality['rulesFailed']} failed on the inputs"),
            ("content root", release.content_root),
            ("manifest sha-256", release.manifest_digest),
            *_anchor(release.chain),
        ]
    )
    frame.line("")
    frame.rows(("file", "bytes", "sha-256"), ((f.name, f"{f.size_bytes:,}", f.digest) for f in release.files))


def _when(moment: datetime | None, party: str | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC by {party}"


def _privacy(privacy: dict[str, Any]) -> str:
    smallest = privacy["smallestClass"] or "none (no quasi-identifiers)"
    return (
        f"{privacy['releaseModel']}, k = {privacy['k']}, smallest class {smallest}, "
        f"{privacy['rowsSuppressed']:,} records suppressed"
    )


def _anchor(chain: dict[str, Any] | None) -> list[tuple[str, object]]:
    if chain is None:
        return []
    return [
        ("chain", chain["chain_id"]),
        ("contract", chain["contract"]),
        ("block", chain["block"]),
        ("transaction", chain.get("transaction")),
    ]
