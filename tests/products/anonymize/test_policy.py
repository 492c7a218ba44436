from decimal import Decimal

import pytest

from products.anonymize import (
    Action,
    FieldPolicy,
    IntervalLevel,
    Intervals,
    MalformedPolicy,
    PolicyDoesNotFit,
    PrivacyPolicy,
)
from standards.data_elements import IdentifierKind
from standards.errors import InvalidInput

DOCUMENT = {
    "id": "customer-industry",
    "release_model": "controlled",
    "suppression_limit": 0.05,
    "fields": {
        "name": {"action": "drop"},
        "account": {"action": "pseudonymize"},
        "industry": {
            "action": "generalize",
            "hierarchy": {"kind": "code-list", "code_list": "gbt4754", "levels": [3, 2, 1], "star": True},
        },
        "opened_on": {
            "action": "generalize",
            "hierarchy": {
                "kind": "intervals",
                "levels": [
                    {"cuts": ["2010-01-01", "2020-01-01"], "labels": ["old", "ten", "new"]},
                    {"cuts": ["2020-01-01"], "labels": ["before 2020", "2020 on"]},
                ],
            },
        },
        "calibre_mm": {
            "action": "generalize",
            "hierarchy": {"kind": "intervals", "levels": [{"cuts": [50], "labels": ["small", "large"]}]},
        },
    },
}


def a_policy(**changes: object) -> PrivacyPolicy:
    return PrivacyPolicy.parse({"release_model": "enclave", **changes})


def actions(policy: PrivacyPolicy, **kinds: IdentifierKind) -> dict[str, Action]:
    return {each.field: each.action for each in policy.treatments(list(kinds), kinds)}


def test_a_document_survives_the_round_trip_and_keeps_its_digest() -> None:
    policy = PrivacyPolicy.parse(DOCUMENT)
    again = PrivacyPolicy.parse(policy.model_dump(mode="json", exclude_none=True))
    assert again == policy
    assert again.digest() == policy.digest()
    assert policy.suppression_limit == Decimal("0.05")


def test_every_change_changes_the_digest() -> None:
    assert a_policy().digest() != a_policy(k=4).digest() != a_policy(suppression_limit="0.1").digest()


@pytest.mark.parametrize(("model", "k"), [("public", 20), ("controlled", 5), ("enclave", 3)])
def test_k_comes_from_the_release_model(model: str, k: int) -> None:
    assert a_policy(release_model=model).least_class == k
    assert a_policy(release_model=model, k=k + 1).least_class == k + 1
    with pytest.raises(MalformedPolicy, match=f"weaker than the {k} of the release model {model}"):
        a_policy(release_model=model, k=k - 1)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"suppression_limit": 1.5}, "/suppression_limit"),
        ({"release_model": "everyone"}, "/release_model"),
        ({"fields": {"a/b": {"action": "hide"}}}, "/fields/a~1b/action"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_malformed_document_is_refused_with_its_place(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(MalformedPolicy) as caught:
        a_policy(**change)
    assert pointer in [fault.pointer for fault in caught.value.faults]
    assert caught.value.hint


def test_a_hierarchy_belongs_to_generalize_alone() -> None:
    with pytest.raises(MalformedPolicy, match="generalize needs a hierarchy"):
        FieldPolicy(action=Action.GENERALIZE)
    with pytest.raises(MalformedPolicy, match="keep takes no hierarchy"):
        FieldPolicy.model_validate({"action": "keep", "hierarchy": {"kind": "star"}})


@pytest.mark.parametrize(
    ("hierarchy", "message"),
    [
        ({"kind": "code-list", "code_list": "gbt4754", "levels": [1, 2]}, "must fall strictly"),
        ({"kind": "prefix", "keep": [2, 2]}, "must fall strictly"),
        ({"kind": "table", "rows": [["a", "x"], ["b"]]}, "row 2 of the label table has 1 columns"),
        ({"kind": "table", "rows": [["a", None]]}, "needs a label at every level"),
        ({"kind": "table", "rows": [["a"]]}, "needs a label at every level"),
    ],
)
def test_a_hierarchy_that_contradicts_itself_is_refused(hierarchy: dict[str, object], message: str) -> None:
    with pytest.raises(MalformedPolicy, match=message):
        a_policy(fields={"x": {"action": "generalize", "hierarchy": hierarchy}})


@pytest.mark.parametrize(
    ("cuts", "labels", "message"),
    [
        ([1, 2], ["a", "b"], "2 cut points need 3 labels"),
        ([2, 1], ["a", "b", "c"], "do not rise"),
        ([1, 1], ["a", "b", "c"], "do not rise"),
        ([1, 2], ["a", "b", "a"], "one label stands for two intervals"),
        ([1, "2020-01-01"], ["a", "b", "c"], "numbers and dates are mixed"),
    ],
)
def test_intervals_must_be_a_partition(cuts: list[object], labels: list[str], message: str) -> None:
    with pytest.raises(MalformedPolicy, match=message):
        IntervalLevel.model_validate({"cuts": cuts, "labels": labels})


def test_a_coarse_cut_inside_a_fine_interval_would_give_two_parents() -> None:
    fine = {"cuts": [10, 20], "labels": ["a", "b", "c"]}
    with pytest.raises(MalformedPolicy, match="cut point 15 of interval level 2 divides an interval"):
        Intervals.model_validate({"levels": [fine, {"cuts": [15], "labels": ["low", "high"]}]})


def test_fields_without_an_entry_get_the_safe_default() -> None:
    kinds = {"q": IdentifierKind.QUASI, "s": IdentifierKind.SENSITIVE, "n": IdentifierKind.NONE}
    assert actions(a_policy(), **kinds) == {"q": Action.KEEP, "s": Action.DROP, "n": Action.KEEP}


@pytest.mark.parametrize(
    ("kind", "action", "permitted"),
    [
        (IdentifierKind.DIRECT, "keep", "drop or pseudonymize"),
        (IdentifierKind.DIRECT, "generalize", "drop or pseudonymize"),
        (IdentifierKind.QUASI, "pseudonymize", "generalize or keep or drop"),
        (IdentifierKind.SENSITIVE, "generalize", "keep or drop or pseudonymize"),
        (IdentifierKind.NONE, "generalize", "keep or drop or pseudonymize"),
    ],
)
def test_an_action_must_be_permitted_for_the_kind(kind: IdentifierKind, action: str, permitted: str) -> None:
    entry = {"action": action} | ({"hierarchy": {"kind": "star"}} if action == "generalize" else {})
    with pytest.raises(PolicyDoesNotFit, match=f"field 'x': {action} is not for the kind {kind}") as caught:
        actions(a_policy(fields={"x": entry}), x=kind)
    assert f"write {permitted}" in caught.value.message


def test_every_misfit_is_named_at_once() -> None:
    policy = a_policy(fields={"gone": {"action": "drop"}})
    with pytest.raises(PolicyDoesNotFit) as caught:
        policy.treatments(["name", "odd"], {"name": IdentifierKind.DIRECT})
    assert [fault.pointer for fault in caught.value.faults] == ["/fields/gone", "/fields/name", "/fields/odd"]
    assert "no such field" in caught.value.message
    assert "a direct identifier without an entry" in caught.value.message
    assert "identifier kind is unknown" in caught.value.message
    assert isinstance(caught.value, InvalidInput)
