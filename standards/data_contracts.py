"""The data contract of a release (Open Data Contract Standard 3.2): what its reader may rely on.

Source: bitol-io/open-data-contract-standard v3.2.0; the model and JSON schema are the official package's.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import yaml
from open_data_contract_standard.model import (
    AuthoritativeDefinition,
    CustomProperty,
    DataQuality,
    Description,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
    Server,
)

from standards import odcs
from standards.data_elements import DataElement, DataType
from standards.library import StandardRef

FILE_NAME = "datacontract.odcs.yaml"
ELEMENT_URN = "urn:shuize:data-element:"
_NAMESPACE = uuid.UUID("6d1f2d6a-3f0b-5b7e-9a55-2f7c0c5a1e11")
LOGICAL_TYPES = {
    DataType.TEXT: "string",
    DataType.INTEGER: "integer",
    DataType.DECIMAL: "number",
    DataType.BOOLEAN: "boolean",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamp",
}


@dataclass(frozen=True)
class ContractField:
    """A field of the table a data contract speaks of."""

    name: str
    element: DataElement
    reference: StandardRef
    physical_type: str
    key_position: int | None
    note: str | None = None


@dataclass(frozen=True)
class ContractSubject:
    """What the data contract is about."""

    product: str
    version: int
    title: str
    title_zh: str
    description: str
    method: str
    limitations: str
    granularity: str
    fields: tuple[ContractField, ...]
    rules: tuple[str, ...]
    files: Mapping[str, str]  # name → format


def data_contract(subject: ContractSubject) -> bytes:
    """Return the contract as YAML in UTF-8; the same subject gives the same bytes."""
    table = SchemaObject(
        name=subject.product.replace("-", "_"),
        physicalType="table",
        businessName=subject.title_zh,
        description=subject.description,
        dataGranularityDescription=subject.granularity,
        properties=[schema_property(field) for field in subject.fields],
        quality=[DataQuality(type="text", name=rule, description=f"Holds: {rule}") for rule in subject.rules],
    )
    contract = OpenDataContractStandard(
        apiVersion=odcs.VERSION,
        kind=odcs.KIND,
        id=product_contract_id(subject.product),
        name=subject.title,
        version=f"{subject.version}.0.0",
        status="active",
        dataProduct=subject.product,
        description=Description(
            purpose=subject.description, usage=subject.method, limitations=subject.limitations
        ),
        servers=[
            Server(server=kind, type="local", path=name, format=kind) for name, kind in subject.files.items()
        ],
        schema=[table],
        customProperties=[CustomProperty(property="title_zh", value=subject.title_zh)],
    )
    document = contract.model_dump(exclude_none=True, by_alias=True)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100).encode()


def product_contract_id(product: str) -> str:
    """Return the id of the data contract of a product's releases; all of them have it."""
    return str(uuid.uuid5(_NAMESPACE, product))


def dataset_contract_id(dataset: str) -> str:
    """Return the id of the data contract of a dataset that came with none."""
    return str(uuid.uuid5(_NAMESPACE, f"dataset/{dataset}"))


def data_product_id(product: str) -> str:
    """Return the id of a product among data products."""
    return str(uuid.uuid5(_NAMESPACE, f"data-product/{product}"))


def schema_property(field: ContractField) -> SchemaProperty:
    """Return what a data contract says of a field."""
    element = field.element
    return SchemaProperty(
        name=field.name,
        businessName=element.name_zh,
        description=element.definition if field.note is None else f"{element.definition} {field.note}",
        logicalType=LOGICAL_TYPES[element.type],
        physicalType=field.physical_type,
        primaryKey=field.key_position is not None,
        primaryKeyPosition=field.key_position,
        classification=element.security_level.value,
        authoritativeDefinitions=[
            AuthoritativeDefinition(
                type="businessDefinition",
                url=f"{ELEMENT_URN}{field.reference.id}:{field.reference.version}",
            )
        ],
        customProperties=[
            CustomProperty(property="dataElement", value=field.reference.id),
            CustomProperty(property="dataElementDigest", value=field.reference.digest),
            *([CustomProperty(property="unit", value=element.unit)] if element.unit else []),
        ],
    )
