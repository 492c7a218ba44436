"""Standards of every kind, drawn by hypothesis: valid ones, with all the odd texts that a cell may hold."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from standards.check_characters import CheckAlgorithm
from standards.code_lists import Code, CodeList
from standards.coding_rules import CodingRule
from standards.crosswalks import Crosswalk
from standards.data_elements import DataElement
from standards.documents import Document, RegistrationStatus
from standards.handbooks import Handbook
from standards.indicators import Indicator
from standards.lifecycle_rules import LifecycleRule
from standards.rules import Rule

letters = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Cn"], exclude_characters="\ufffe\uffff")
texts = st.one_of(
    st.text(letters, min_size=1, max_size=12).map(str.strip).filter(bool),
    st.sampled_from(
        ["01", "=1+1", "1e5", "TRUE", "2021-01-01", "null", "~", "- a", "a: b", "#x", '"', "'", "a,b;c", "%",
         "{x}", "[y]", "*z", "&w", "!v", "|", "@u", "名", "1.0", "yes", "0x1", "-", "_x0041_"]
    ),
)  # fmt: skip
slugs = st.from_regex(r"[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
elements = st.from_regex(r"[a-z][a-z0-9_]{0,5}\.[a-z][a-z0-9_]{0,5}", fullmatch=True)
versions = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,6}", fullmatch=True)
citations = st.builds("{}@{}".format, slugs, versions)
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
statuses = st.sampled_from(RegistrationStatus)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def tuples_of(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, unique=True, min_size=least, max_size=3).map(tuple)


def _made(model: type[Document], fields: dict[str, Any]) -> Document:
    first, last = fields.get("valid_from"), fields.get("valid_to")
    if first and last and last < first:
        fields |= {"valid_from": last, "valid_to": first}
    return model.model_validate(fields)


@st.composite
def code_lists(draw: st.DrawFn) -> Document:
    names = draw(st.lists(texts, unique=True, min_size=1, max_size=6))
    codes: list[Code] = []
    for place, name in enumerate(names):
        parent = draw(some(st.sampled_from(codes))) if codes else None
        codes.append(
            Code(
                code=name,
                parent=parent.code if parent else None,
                level=parent.level + 1 if parent else 1,
                title_zh=draw(texts),
                title_en=draw(some(texts)),
                aliases=tuple(f"{place} alias {number}" for number in range(draw(st.integers(0, 2)))),
                valid_from=draw(some(st.dates(date(1990, 1, 1), date(2000, 1, 1)))),
                valid_to=draw(some(st.dates(date(2001, 1, 1), date(2010, 1, 1)))),
            )
        )
    return _made(CodeList, {**draw(_heads()), "source": draw(texts), "codes": tuple(codes)})


def _heads(named: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    title = "name" if named else "title"
    return st.fixed_dictionaries(
        {
            "id": slugs,
            "version": versions,
            f"{title}_zh": texts,
            f"{title}_en": texts,
            "valid_from": days,
            "valid_to": some(days),
            "status": statuses,
        }
    )


def _with(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


def _documents(model: type[Document], heads: Any, **fields: st.SearchStrategy[Any]) -> Any:
    return st.builds(lambda head, rest: _made(model, head | rest), heads, _with(**fields))


crosswalks = _documents(
    Crosswalk, _heads(), source=texts, source_list=citations, target_list=citations,
    mappings=st.lists(
        _with(
            source=texts, target=texts, relation=st.sampled_from(["narrower", "related"]), note=some(texts)
        ),
        min_size=1, max_size=4, unique_by=lambda each: (each["source"], each["target"]),
    ),
)  # fmt: skip

coding_rules = _documents(
    CodingRule, _heads(), definition_zh=texts, definition=texts, element=elements,
    segments=st.sampled_from([
        [{"name": "n", "title_zh": "号", "title_en": "Number", "kind": "number", "length": 4}],
        [
            {"name": "f", "title_zh": "定", "title_en": "Fixed", "kind": "fixed", "length": 2, "text": "SY"},
            {"name": "c", "title_zh": "类", "title_en": "Class", "kind": "code", "length": 1,
             "codes": ("1", "2")},
            {"name": "a", "title_zh": "字", "title_en": "Chars", "kind": "characters", "length": 3,
             "alphabet": "ABC019"},
            {"name": "d", "title_zh": "年", "title_en": "Year", "kind": "date", "length": 4, "form": "YYYY"},
            {"name": "x", "title_zh": "校", "title_en": "Check", "kind": "check", "length": 1,
             "algorithm": CheckAlgorithm.MOD_37_36},
        ],
    ]),
)  # fmt: skip

indicators = _documents(
    Indicator, _heads(named=True), definition_zh=texts, definition=texts, unit=some(texts),
    source=some(texts),
    formula=st.just("= 100 * a / b"), dimensions=tuples_of(elements),
    periods=tuples_of(st.sampled_from(["day", "week", "month", "year"]), 1),
    inputs=st.tuples(
        _with(symbol=st.just("a"), meaning_zh=texts, meaning_en=texts, element=elements),
        _with(symbol=st.just("b"), meaning_zh=texts, meaning_en=texts, indicator=slugs.map("i-{}".format)),
    ),
)  # fmt: skip

_checks = st.sampled_from([
    ("present", 1, {"placeholders": "无名 - 1e5 =1+1"}),
    ("absent", 1, {}),
    ("pattern", 1, {"pattern": "[0-9]{2}=\\d: #x"}),
    ("masked", 1, {"least": 4}),
    ("range", 1, {"minimum": "-0.10", "maximum": 10**9}),
    ("not-before", 1, {"day": "2021-01-01"}),
    ("equation", 3, {"signs": "+ -", "tolerance": "0.010"}),
    ("band-range", 2, {"bands": "01: 0 3.10; 20: 0 5"}),
    ("fits", 2, {"excluded": "yes: no; 0x1: null"}),
    ("sql", 0, {"expression": "1 = 1"}),
    ("schema", 0, {}),
])  # fmt: skip


@st.composite
def _ways(draw: st.DrawFn) -> dict[str, Any]:
    """How a rule is decided: a check, as many elements as it looks at, its parameters, and which rows."""
    check, count, parameters = draw(_checks)
    if check == "sql":
        one, other = draw(st.lists(elements, unique=True, min_size=2, max_size=2))
        return {"check": check, "scope": (one, other), "parameters": {"expression": f"{one} > {other} -- '"}}
    scope = tuple(draw(st.lists(elements, unique=True, min_size=count, max_size=count)))
    value = draw(st.sampled_from(["01", "1e5", "yes", '"a, b"', "=1+1", "~", "名"]))
    where = draw(some(elements.map(lambda each: f"{each} in {value} and {each} present")))
    return {"check": check, "scope": scope, "parameters": parameters, "where": where}


_rule_heads = st.builds(lambda head, way: head | way, _heads(named=True), _ways())
rules = _documents(
    Rule, _rule_heads, definition_zh=texts, definition=texts, indicator=st.just("0301"),
    severity=st.sampled_from(["critical", "major", "minor"]),
    line_of_defence=st.sampled_from(["before", "during", "after"]),
    null_means=st.sampled_from(["fails", "passes", "skipped"]), owner=slugs,
)  # fmt: skip

lifecycle_rules = _documents(
    LifecycleRule, _heads(named=True), definition_zh=texts, definition=texts, scope=tuples_of(elements, 1),
    starts_at=slugs, archive_after_months=some(st.integers(0, 12)), keep_months=st.integers(12, 600),
    disposal=st.sampled_from(["destroy", "anonymize", "review"]), basis=texts, owner=slugs,
)  # fmt: skip

handbooks = _documents(
    Handbook, _heads(), summary_zh=texts, summary_en=texts, source=some(texts),
    chapters=st.builds(
        lambda chapters, members: [chapter | {"members": mine} for chapter, mine in zip(
            chapters, (members[:2], members[2:], ()), strict=False)],
        st.lists(_with(title_zh=texts, title_en=texts, text_zh=texts, text_en=texts), min_size=1, max_size=3),
        tuples_of(citations),
    ),
)  # fmt: skip

_shapes = st.one_of(
    _with(type=st.just("text"), max_length=some(st.integers(1, 99)), pattern=some(st.just("[0-9]{2}=\\d"))),
    _with(type=st.just("text"), code_list=slugs, code_level=some(st.integers(1, 4))),
    _with(type=st.just("integer"), unit=some(texts), minimum=some(st.integers(-9, 0))),
    _with(
        type=st.just("decimal"), precision=st.just(12), scale=st.integers(2, 5),
        minimum=some(st.decimals(-9, 0, places=2)), maximum=some(st.decimals(1, 9, places=2)),
    ),
    _with(type=st.sampled_from(["boolean", "date", "timestamp"])),
)  # fmt: skip

data_elements = st.builds(
    lambda head, id_, rest, shape: _made(DataElement, head | {"id": id_} | rest | shape),
    _heads(named=True),
    elements,
    _with(
        definition=texts, definition_zh=some(texts), object_class=texts, property=texts,
        security_level=st.sampled_from(["general-2", "core"]), synonyms=tuples_of(texts),
        refers_to=some(elements.map("other.{}".format)),
        identifier_kind=st.sampled_from(["direct", "quasi", "sensitive", "none"]),
    ),
    _shapes,
)  # fmt: skip

standards = st.lists(
    st.one_of(
        code_lists(), crosswalks, data_elements, coding_rules, indicators, rules, lifecycle_rules, handbooks
    ),
    max_size=5,
    unique_by=lambda each: each.citation,
).map(lambda found: sorted(found, key=lambda each: each.citation))
