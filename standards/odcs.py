"""The Open Data Contract Standard 3.2 as a format: what is a data contract, and what is wrong with one.

Source: bitol-io/open-data-contract-standard v3.2.0; the JSON schema is the official package's.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import jsonschema_rs

from standards import plain_yaml
from standards.errors import Fault, InvalidInput

KIND = "DataContract"
VERSION = "v3.2.0"
ACCEPTED = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", VERSION)
"""The versions that are read. The older ones are read by the schema of the newest, which includes them."""

MAX_FAULTS = 50
_SHOWN = 200
_NO_MEMBER = "ODCS has no such member here; what it has no place for goes into customProperties"

Document = dict[str, Any]


class MalformedDataContract(InvalidInput):
    """A document that is no valid data contract; the faults name the places."""

    code = "malformed-data-contract"


def read(text: str, *, where: str) -> Document:
    """Return the data contract written as YAML or JSON. Raises NotPlainYaml, MalformedDataContract."""
    document = plain_yaml.read(text, where=where)
    require_valid(document, where=where)
    found: Document = document
    return found


def require_valid(document: object, *, where: str) -> None:
    """Raise MalformedDataContract, with every fault, for what the official schema refuses."""
    if found := _no_contract(document):
        raise MalformedDataContract(
            f"{where} is no data contract that is read here: {found.detail}",
            hint=f"give an ODCS document of version {', '.join(ACCEPTED)}",
            faults=[found],
        )
    if faults := list(_schema_faults(document)):
        raise MalformedDataContract(
            f"{where} is not valid by the schema of ODCS {VERSION}",
            hint="mend the places listed",
            faults=faults,
        )


def _schema_faults(document: object) -> Iterator[Fault]:
    """Yield what the official schema refuses, the first places of it, each said once."""
    errors = list(_validator().iter_errors(document))
    known = {tuple(e.instance_path) for e in errors if not isinstance(e.kind, _Unevaluated)}
    said: set[Fault] = set()
    for error in errors:
        if isinstance(error.kind, _Unevaluated) and tuple(error.instance_path) in known:
            continue  # what is wrong there for another reason counts as unevaluated too
        for fault in _faults(error):
            if fault not in said and len(said) < MAX_FAULTS:
                said.add(fault)
                yield fault


_Kind = jsonschema_rs.ValidationErrorKind
_Unevaluated = _Kind.UnevaluatedProperties


def _no_contract(document: object) -> Fault | None:
    if not isinstance(document, dict):
        return Fault("/", "it holds no object with members")
    if "dataContractSpecification" in document:
        return Fault("/dataContractSpecification", "a Data Contract Specification is another format")
    if document.get("kind") != KIND:
        return Fault("/kind", f"it is {_quoted(document.get('kind'))} and not {KIND!r}")
    if document.get("apiVersion") not in ACCEPTED:
        version = _quoted(document.get("apiVersion"))
        return Fault("/apiVersion", f"version {version} is not read, only {', '.join(ACCEPTED)}")
    return None


def _quoted(value: object) -> str:
    return "missing" if value is None else repr(value)[:_SHOWN]


def _faults(error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    place = "".join(f"/{plain_yaml.escaped(str(each))}" for each in error.instance_path)
    kind = error.kind
    if isinstance(kind, _Unevaluated | _Kind.AdditionalProperties):
        for name in kind.unexpected:
            yield Fault(f"{place}/{plain_yaml.escaped(name)}", _NO_MEMBER)
    elif isinstance(kind, _Kind.Required):
        # The schema takes a property without a logical type for a map.
        is_map = kind.property == "map" and error.schema_path[-1:] == ["required"]
        has_type = isinstance(error.instance, dict) and "logicalType" in error.instance
        name = "logicalType" if is_map and not has_type else kind.property
        is_older = name == "metric" and isinstance(error.instance, dict) and "rule" in error.instance
        yield Fault(f"{place}/{name}", "is missing" + (", what was `rule` in ODCS 3.0" if is_older else ""))
    elif isinstance(kind, _Kind.OneOfNotValid | _Kind.AnyOf):
        meant = [form for form in kind.context if not _is_of_another_type(form, error)]
        if len(meant) == 1:
            for each in meant[0]:
                yield from _faults(each)
        else:
            yield Fault(place or "/", "has none of the forms that ODCS allows here")
    elif isinstance(kind, _Kind.OneOfMultipleValid):
        yield Fault(place or "/", "has several of the forms of which ODCS allows one")
    else:
        yield Fault(place or "/", error.message if len(error.message) <= _SHOWN else _short(error.message))


def _is_of_another_type(form: Sequence[Any], error: jsonschema_rs.ValidationError) -> bool:
    """Tell whether a form is out of the question, because the value is not even of its type."""
    here = list(error.instance_path)
    return any(isinstance(each.kind, _Kind.Type) and list(each.instance_path) == here for each in form)


def _short(message: str) -> str:
    """Return the message without the middle: it begins with the value and ends with what is wrong."""
    return f"{message[: _SHOWN // 2]} … {message[-_SHOWN // 2 :]}"


@cache
def _validator() -> jsonschema_rs.Draft201909Validator:
    schema = importlib.resources.files("open_data_contract_standard") / "schema.json"
    return jsonschema_rs.Draft201909Validator(json.loads(schema.read_text("utf-8")))
