"""Data contracts made by the official schema: all that it names, nothing that it forbids.

One maker walks the schema; who chooses is either hypothesis or `Everything`, which takes each way in turn.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any, Protocol

import jsonschema
from hypothesis import strategies as st

Schema = dict[str, Any]

SCHEMA: Schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft201909Validator(SCHEMA)
DEEPEST = 10
_DISCRIMINATORS = ("type", "logicalType", "metric")
_SAMPLE_IDS = ("some-id", "orders.customer_id", "schema/orders/properties/id", "sftp://host/folder")
_SAMPLES = {"string": "a text", "integer": 3, "number": 2.5, "boolean": True, "null": None}

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | _WHOLE | _FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)
_LEAVES = {
    "string": TEXT, "integer": _WHOLE, "number": _WHOLE | _FLOATS, "boolean": st.booleans(),
    "null": st.none(),
    "object": st.dictionaries(TEXT, ANYTHING, max_size=2), "array": st.lists(ANYTHING, max_size=2),
}  # fmt: skip


class Chooser(Protocol):
    """Who decides where the schema leaves a choice."""

    def pick(self, site: object, options: Sequence[Any]) -> Any: ...
    def some(self, names: Sequence[str], depth: int) -> list[str]: ...
    def count(self, least: int, depth: int) -> int: ...
    def leaf(self, kind: str, schema: Schema) -> Any: ...


class Drawn:
    """Hypothesis decides."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def pick(self, site: object, options: Sequence[Any]) -> Any:
        return self._draw(st.sampled_from(options))

    def some(self, names: Sequence[str], depth: int) -> list[str]:
        least, most = min(len(names), 3 if depth < 4 else 0), 6 if depth < 6 else 2
        chosen = st.lists(st.sampled_from(names), min_size=least, max_size=most, unique=True)
        return self._draw(chosen) if names else []

    def count(self, least: int, depth: int) -> int:
        return self._draw(st.integers(least, max(least, 2 if depth < 5 else 0)))

    def leaf(self, kind: str, schema: Schema) -> Any:
        if "pattern" in schema:
            return self._draw(st.from_regex(schema["pattern"], fullmatch=True).filter(_ends_in_no_break))
        if schema.get("format") in ("date", "date-time"):
            return self._draw(st.dates()).isoformat() + ("T00:00:00Z" if "time" in schema["format"] else "")
        if "minimum" in schema or "exclusiveMinimum" in schema:
            return self._draw(st.integers(1, 1000))
        return self._draw(_LEAVES[kind])


class Everything:
    """Takes every member, and each way before one again, so that some documents have been everywhere."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        self._left: dict[object, list[Any]] = {}

    def pick(self, site: object, options: Sequence[Any]) -> Any:
        left = self._left.setdefault(site, [])
        if not left:
            left += self._random.sample(list(options), len(options))
        return left.pop()

    def some(self, names: Sequence[str], depth: int) -> list[str]:
        return list(names) if depth < DEEPEST else []

    def count(self, least: int, depth: int) -> int:
        return max(least, 1)

    def leaf(self, kind: str, schema: Schema) -> Any:
        if "pattern" in schema:
            return next(each for each in _SAMPLE_IDS if re.search(schema["pattern"], each))
        return {"object": {"a": [1]}, "array": [{"a": 1}]}.get(kind, _SAMPLES.get(kind))


class Maker:
    """Makes documents; `visited` holds every member of the schema that was made."""

    def __init__(self, choose: Chooser) -> None:
        self._choose = choose
        self.visited: set[tuple[int, str]] = set()

    def document(self) -> dict[str, Any]:
        """Return a valid data contract of version 3.2."""
        made: dict[str, Any] = self._object(_flat(SCHEMA), 0)
        return made | {"apiVersion": "v3.2.0"}

    def value(self, schema: Schema, depth: int) -> Any:
        flat = _flat(schema)
        if "enum" in flat:
            return self._choose.pick(id(schema), flat["enum"])
        if flat["properties"]:
            return self._object(flat, depth)
        if flat["choices"]:
            (options,) = flat["choices"]
            return self.value(self._choose.pick(("of", str(options)), options), depth)
        kind = flat.get("type", "null")
        if isinstance(kind, list):
            kind = self._choose.pick(id(schema), kind)
        if kind == "array" and "items" in flat:
            return self._array(flat, depth)
        return self._choose.leaf(kind, flat)

    def _array(self, flat: Schema, depth: int) -> list[Any]:
        found: list[Any] = []
        least = flat.get("minItems", 0)
        for _ in range(self._choose.count(least, depth)):
            each = self.value(flat["items"], depth + 1)
            while flat.get("uniqueItems") and any(each == other for other in found):
                each = each + 1 if isinstance(each, int | float) and abs(each) < 1e15 else len(found) + 1.5
            found.append(each)
        return found

    def _object(self, flat: Schema, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name in _DISCRIMINATORS:
            is_there = name in flat["required"] or name == "logicalType"  # without one the schema wants a map
            if name in flat["properties"] and (is_there or self._choose.pick(f"has {name}", (True, False))):
                made[name] = self._member(flat, name, depth)
        if "mustBe" not in flat["properties"] and "dimension" in flat["properties"] and "type" not in made:
            made |= self._choose.pick("untyped check", ({}, {"metric": "nullValues"}))
        flat = _with_conditions(flat, made)
        for options in flat["choices"]:
            chosen = _flat(self._choose.pick(("one of", str(options)), options))
            flat = _merged(flat, chosen | {"choices": []})
        if made.get("logicalType", "object") != "object":  # named for every item, and refused for the others
            flat["forbidden"].append("properties")
        names = [n for n in flat["properties"] if n not in (*flat["required"], *flat["forbidden"])]
        names = [n for n in names if n not in made and n not in _DISCRIMINATORS]
        for name in dict.fromkeys([*flat["required"], *self._choose.some(names, depth)]):
            if name not in made:
                made[name] = self._member(flat, name, depth)
        return made

    def _member(self, flat: Schema, name: str, depth: int) -> Any:
        holders = flat["holders"].get(name, ())
        self.visited |= {(holder, name) for holder in holders}
        return self.value(flat["properties"][name], depth + 1)


def members() -> set[tuple[int, str]]:
    """Return every member that the schema names, by the object of the schema that names it."""
    return set(_members(SCHEMA))


def name_of(member: tuple[int, str]) -> str:
    """Return where in the schema a member is named, for people."""
    return next(
        (f"{place}/{member[1]}" for place, held in _holders(SCHEMA, "#") if id(held) == member[0]), "?"
    )


def _members(schema: Any) -> Iterator[tuple[int, str]]:
    for _, held in _holders(schema, "#"):
        yield from ((id(held), name) for name in held)


def _holders(part: Any, place: str) -> Iterator[tuple[str, Schema]]:
    """Yield every map of members in the schema; conditions are no places where something may stand."""
    if isinstance(part, list):
        for index, each in enumerate(part):
            yield from _holders(each, f"{place}/{index}")
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict) and all(
            isinstance(v, dict) for v in part["properties"].values()
        ):
            yield place, part["properties"]
        for key, each in part.items():
            if key not in ("if", "not"):
                yield from _holders(each, f"{place}/{key}")


def _flat(schema: Schema) -> Schema:
    """Return a schema with references and `allOf` merged into it; conditions and choices are listed."""
    own = {"properties": {}, "holders": {}, "required": [], "choices": [], "conditions": [], "forbidden": []}
    flat: Schema = own
    if "$ref" in schema:
        flat = _merged(flat, _flat(_resolved(schema["$ref"])))
    for each in schema.get("allOf", ()):
        flat = _merged(flat, {**own, "conditions": [each]} if "if" in each else _flat(each))
    plain = {
        k: v
        for k, v in schema.items()
        if k
        in (
            "type",
            "enum",
            "items",
            "pattern",
            "format",
            "minItems",
            "uniqueItems",
            "minimum",
            "exclusiveMinimum",
        )
    }
    properties = schema.get("properties", {})
    holders = {name: [id(properties)] for name in properties}
    choices = [schema[key] for key in ("oneOf", "anyOf") if key in schema]
    forbidden = schema.get("not", {}).get("required", [])
    return _merged(
        flat,
        {
            **own,
            **plain,
            "properties": properties,
            "holders": holders,
            "required": schema.get("required", []),
            "choices": choices,
            "forbidden": forbidden,
        },
    )


def _merged(one: Schema, other: Schema) -> Schema:
    properties = dict(one["properties"])
    for name, schema in other["properties"].items():
        properties[name] = _narrower(properties[name], schema) if name in properties else schema
    holders = {
        n: [*one["holders"].get(n, ()), *other["holders"].get(n, ())]
        for n in {**one["holders"], **other["holders"]}
    }
    lists = {key: [*one[key], *other[key]] for key in ("required", "choices", "conditions", "forbidden")}
    return {**one, **other, **lists, "properties": properties, "holders": holders}


def _narrower(one: Schema, other: Schema) -> Schema:
    """Return what fits both: a choice between forms is settled by the type that the other wants."""
    kind = other.get("type")
    fitting = [each for each in one.get("oneOf", ()) if each.get("type", "string") == kind]
    return fitting[0] if fitting else other


def _with_conditions(flat: Schema, made: dict[str, Any]) -> Schema:
    for each in flat["conditions"]:
        if jsonschema.Draft201909Validator(each["if"] | {"$defs": SCHEMA["$defs"]}).is_valid(made):
            flat = _merged(flat, _flat(each["then"]))
    return flat


def _resolved(reference: str) -> Schema:
    found: Any = SCHEMA
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found) if "properties" not in found else found


def _ends_in_no_break(text: str) -> bool:
    return not text.endswith("\n")
