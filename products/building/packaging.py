"""Packaging: a finished table becomes files and a manifest, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa

from catalog import parquet
from catalog.quality.reports import QualityReport
from catalog.releases.models import ReleaseFile
from catalog.store import FolderStore
from catalog.table_types import text_rows, write_csv
from products.building.inputs import ResolvedInput
from products.building.making import Made
from products.recipe import ParameterValue, Recipe
from standards import canonical_json, data_contracts
from standards.content_root import content_root
from standards.data_contracts import ContractField, ContractSubject
from standards.digests import Digest
from standards.library import Library
from standards.manifest import (
    InputUsed,
    Manifest,
    PrivacySummary,
    QualitySummary,
    RecipeUsed,
    Release,
    Sha256,
    StandardUsed,
    Subject,
)

QUALITY_REPORT = "quality-report.json"
PRIVACY_REPORT = "privacy-report.json"
_MEDIA_TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    ".yaml": "application/yaml",
    ".json": "application/json",
}


_WITHIN = {"examples", "by_organisation"}
"""What of a rule's result stays in the house."""


@dataclass(frozen=True)
class Making:
    """Everything a release says about itself, but its version."""

    recipe: Recipe
    parameters: dict[str, ParameterValue]
    inputs: tuple[ResolvedInput, ...]
    input_reports: tuple[QualityReport, ...]
    made: Made


@dataclass(frozen=True)
class Package:
    """The stored files and the manifest that names them."""

    manifest: Manifest
    files: tuple[ReleaseFile, ...]


def package(making: Making, number: int, store: FolderStore, library: Library) -> Package:
    """Write and store the release's files and return them with their manifest. Raises StoreUnavailable."""
    name, table = making.recipe.name, making.made.table
    with store.scratch() as scratch:
        paths = {file: scratch / file for file in _names(name)}
        parquet.write_table(paths[f"{name}.parquet"], table)
        with paths[f"{name}.csv"].open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, table)
        contract = data_contracts.data_contract(_subject(making, number, library))
        paths[data_contracts.FILE_NAME].write_bytes(contract)
        paths[QUALITY_REPORT].write_bytes(canonical_json.encode(_quality_document(making)))
        privacy = making.made.privacy.model_dump(mode="json")
        paths[PRIVACY_REPORT].write_bytes(canonical_json.encode(privacy))
        files = tuple(_store(store, file, path) for file, path in paths.items())
    return Package(_manifest(making, number, files, library), files)


def _names(product: str) -> list[str]:
    tables = [f"{product}.parquet", f"{product}.csv"]
    return [*tables, data_contracts.FILE_NAME, QUALITY_REPORT, PRIVACY_REPORT]


def _store(store: FolderStore, name: str, path: Path) -> ReleaseFile:
    media_type = _MEDIA_TYPES[path.suffix]
    stored = store.put(path)
    return ReleaseFile(name=name, digest=stored.digest, size_bytes=stored.size_bytes, media_type=media_type)


def _quality_document(making: Making) -> dict[str, object]:
    """Return the reports on what went in and on what came out, as plain JSON values."""
    return {
        "inputs": [_without_examples(report) for report in making.input_reports],
        "output": [result.model_dump(mode="json", exclude=_WITHIN) for result in making.made.rules],
        "totals": _totals(making.made.table),
    }


def _without_examples(report: QualityReport) -> dict[str, object]:
    """Return the report's figures: what it says of rows, units and other datasets stays in the house."""
    return report.model_dump(
        mode="json", exclude={"rules": {"__all__": _WITHIN}, "not_run": True, "beside": True}
    )


def _totals(table: pa.Table) -> dict[str, str]:
    """Return the sums of the counts in the output: rows, customers, hours filled and the like."""
    counts = [field.name for field in table.schema if pa.types.is_integer(field.type)]
    return {"rows": str(table.num_rows)} | {n: str(sum(filter(None, table[n].to_pylist()))) for n in counts}


def _subject(making: Making, number: int, library: Library) -> ContractSubject:
    declaration = making.recipe.declaration
    levels = {q.field: q.meaning for q in making.made.privacy.quasi_identifiers}
    key = declaration.output.key
    fields = []
    for name, element_id in declaration.output.fields.items():
        note = f"In this release: {levels[name]}." if name in levels else None
        fields.append(
            ContractField(
                name=name,
                element=library.element(element_id),
                reference=library.reference(element_id),
                physical_type=str(making.made.table.schema.field(name).type),
                key_position=key.index(name) + 1 if name in key else None,
                note=note,
            )
        )
    return ContractSubject(
        product=making.recipe.name,
        version=number,
        title=declaration.title,
        title_zh=declaration.title_zh,
        description=declaration.description,
        method=declaration.method,
        limitations=_limitations(making),
        granularity="one row per " + ", ".join(key),
        fields=tuple(fields),
        rules=tuple(result.rule for result in making.made.rules),
        files={f"{making.recipe.name}.parquet": "parquet", f"{making.recipe.name}.csv": "csv"},
    )


def _limitations(making: Making) -> str:
    synthetic = sorted({each.version.dataset for each in making.inputs if each.synthetic})
    said = [making.made.privacy.does_not_prove]
    if synthetic:
        said.insert(
            0, f"SYNTHETIC: made from generated data ({', '.join(synthetic)}), not from real customers."
        )
    return " ".join(said)


def _standards(recipe: Recipe, library: Library) -> Iterable[StandardUsed]:
    declaration = recipe.declaration
    elements = {*declaration.output.fields.values(), *declaration.record_fields.values()}
    elements |= {e for each in declaration.inputs.values() for e in each.fields.values()}
    lists = {library.element(e).code_list for e in elements} - {None}
    for standard_id in sorted(elements | {name for name in lists if name is not None}):
        yield StandardUsed(**library.reference(standard_id).model_dump())


def _manifest(making: Making, number: int, files: tuple[ReleaseFile, ...], library: Library) -> Manifest:
    declaration, made = making.recipe.declaration, making.made
    by_name: dict[str, Digest] = {file.name: file.digest for file in files}
    failed = sum(len(report.failed) for report in making.input_reports)
    rules = len(made.rules) + sum(len(report.rules) for report in making.input_reports)
    return Manifest(
        subject=tuple(Subject(name=f.name, digest=Sha256(sha256=f.digest)) for f in files),
        predicate=Release(
            product=making.recipe.name,
            version=number,
            title=declaration.title,
            title_zh=declaration.title_zh,
            rows=made.table.num_rows,
            content_root=content_root(text_rows(made.table)),
            standards=tuple(_standards(making.recipe, library)),
            inputs=tuple(
                InputUsed(
                    dataset=each.version.dataset, version=each.version.number,
                    digest=each.version.digest, rows=each.version.row_count,
                )
                for each in making.inputs
            ),
            recipe=RecipeUsed(
                name=making.recipe.name, digest=making.recipe.digest, parameters=dict(making.parameters)
            ),
            quality=QualitySummary(report=by_name[QUALITY_REPORT], rules=rules, rules_failed=failed),
            privacy=PrivacySummary(
                report=by_name[PRIVACY_REPORT], release_model=made.privacy.release_model.value,
                k=made.privacy.k, smallest_class=made.smallest_class,
                rows_suppressed=made.privacy.rows_suppressed,
            ),
            data_contract=by_name[data_contracts.FILE_NAME],
            built_with={name: version(name) for name in ("duckdb", "pyarrow", "shuize")},
        ),
    )  # fmt: skip
