"""Quality rules in a terminal: which are meant, and what one says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli import frame
from api.cli.standard_text import head, paragraph
from standards.checks import KINDS
from standards.documents import Kind, version_key
from standards.errors import NotFound
from standards.folders import read_list
from standards.rules import INDICATORS, LineOfDefence, Rule, Severity
from standards.shelves import nearest
from standards.tables import MalformedStandard

if TYPE_CHECKING:
    from catalog.quality.trying import Trial
    from standards.library import Library

_WHOLE = "dataset"
"""The object of a rule that speaks of every dataset."""


class UnknownRule(NotFound):
    """The library holds no such quality rule."""

    code = "unknown-rule"


class UnknownRuleFilter(NotFound):
    """Rules were asked for by a word that says nothing of rules."""

    code = "unknown-rule-filter"


def object_of(rule: Rule) -> str:
    """Return what a rule is about: the object class of its first data element, or `dataset`."""
    return rule.scope[0].rpartition(".")[0] if rule.scope else _WHOLE


def chosen(library: Library, **filters: str | None) -> tuple[Rule, ...]:
    """Return the newest version of the rules that all filters let through, by number.

    Raises UnknownRuleFilter for a word that no rule could have.
    """
    rules = _rules(library)
    known: dict[str, list[str]] = {
        "object": sorted({object_of(rule) for rule in rules}),
        "line": list(LineOfDefence),
        "severity": list(Severity),
        "indicator": [entry.code for entry in library.code_list(INDICATORS).codes],
        "check": sorted(KINDS),
    }
    for name, word in filters.items():
        if word is not None and word not in known[name]:
            hint = f"known: {', '.join(known[name])}"
            raise UnknownRuleFilter(f"no rule can have the {name} {word!r}", hint=hint)
    return tuple(rule for rule in rules if _passes(rule, filters))


def the_rule(library: Library, rule_id: str, version: str | None = None) -> Rule:
    """Return the rule with an id, or with the number an id begins with. Raises UnknownRule."""
    ids = [rule.id for rule in _rules(library)]
    meant = [each for each in ids if each == rule_id] or [e for e in ids if e.startswith(f"{rule_id}-")]
    if len(meant) != 1:
        hint = f"it may be {', '.join(meant)}" if meant else nearest(rule_id, ids)
        raise UnknownRule(f"no rule has the id {rule_id!r}", hint=hint)
    found = library.get(meant[0], version)
    assert isinstance(found, Rule)  # an id belongs to one kind
    return found


def written_rule(library: Library, said: str) -> Rule:
    """Return the rule of a file, if it is one, else the rule with an id.

    Raises MalformedStandard for a file that holds no rule that could be run, UnknownRule.
    """
    path = Path(said)
    if path.suffix not in (".yaml", ".yml"):
        return the_rule(library, said)
    if not path.is_file():
        raise MalformedStandard(f"{said} is no file", hint="name a file with one rule under `rules:`")
    rules = read_list(path, Kind.RULE)
    if len(rules) != 1 or not isinstance(rules[0], Rule):
        raise MalformedStandard(
            f"{path.name} holds {len(rules)} rules", hint="leave one under `rules:`: one is tried at a time"
        )
    library.require_sound(rules)
    return rules[0]


def tried(trial: Trial) -> None:
    """Show what a rule said."""
    frame.line(f"{'ok' if trial.passed else 'FAIL'}  {trial.rule}  {trial.title_en} {trial.title_zh}")
    frame.facts(
        [
            ("tried on", f"{trial.subject}, {trial.rows:,} rows"),
            *((role, ", ".join(names)) for role, names in trial.fields.items()),
            ("passing (A)", f"{trial.passing:,}"),
            ("judged (B)", f"{trial.judged:,}"),
            ("failing", f"{trial.failing:,}"),
        ]
    )
    for example in trial.examples:
        frame.line(f"  {example}")
    for note in trial.notes:
        frame.note(note)


def as_document(rule: Rule, library: Library) -> dict[str, Any]:
    """Return a rule with what its check means, takes and is set to."""
    kind = rule.check_kind
    return {
        "kind": rule.kind,
        "digest": rule.digest(),
        **rule.document(),
        "object": object_of(rule),
        "check_meaning": kind.meaning,
        "check_family": kind.family,
        "roles": {role: list(elements) for role, elements in kind.assigned(rule.scope).items()},
        "settings": kind.settings(rule.parameters),
        "indicator_title_zh": _indicator(rule, library),
    }


def describe(rule: Rule, library: Library) -> None:
    """Write a rule on stdout."""
    head(rule)
    paragraph(rule.definition_zh)
    paragraph(rule.definition)
    frame.line("")
    frame.facts(
        [
            ("object", object_of(rule)),
            ("line of defence", rule.line_of_defence),
            ("severity", rule.severity),
            ("indicator", f"{rule.indicator} {_indicator(rule, library)}"),
            ("a missing value", rule.null_means),
            ("owner", rule.owner),
            ("rows", f"where {rule.where}" if rule.where else "all"),
        ]
    )
    frame.line("")
    frame.line(f"{rule.check}  {rule.check_kind.title_zh}")
    paragraph(rule.check_kind.meaning, "  ")
    if rule.scope:
        frame.line("")
        frame.rows(("role", "data element", "名称"), _roles(rule, library))
    if rule.check_kind.parameters:
        frame.line("")
        frame.rows(("parameter", "value", ""), _parameters(rule))


def _roles(rule: Rule, library: Library) -> Iterator[tuple[str, ...]]:
    for role, elements in rule.check_kind.assigned(rule.scope).items():
        for element in elements:
            yield role, element, library.element(element).name_zh


def _parameters(rule: Rule) -> Iterator[tuple[str, ...]]:
    for parameter in rule.check_kind.parameters:
        if parameter.name in rule.parameters:
            yield parameter.name, str(rule.parameters[parameter.name]), ""
        elif parameter.default is not None:
            yield parameter.name, str(parameter.default), "by default"
        else:
            yield parameter.name, "–", f"not set; a {parameter.form}"


def _rules(library: Library) -> list[Rule]:
    rules = [each for each in library.documents(Kind.RULE) if isinstance(each, Rule)]
    return sorted(rules, key=lambda rule: (version_key(rule.id), rule.id))


def _passes(rule: Rule, filters: dict[str, str | None]) -> bool:
    own = {
        "object": object_of(rule),
        "line": rule.line_of_defence,
        "severity": rule.severity,
        "indicator": rule.indicator,
        "check": rule.check,
    }
    return all(
        word is None or (own[name].startswith(word) if name == "indicator" else own[name] == word)
        for name, word in filters.items()
    )


def _indicator(rule: Rule, library: Library) -> str:
    return library.code_list(INDICATORS).get(rule.indicator).title_zh
