"""shuize experience: what was learnt of the problems of each rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import frame

if TYPE_CHECKING:
    from catalog.experience import Experience

BEST = 3
"""How many entries are named beside an order."""

app = typer.Typer(name="experience", help="The experience library 经验库.", no_args_is_help=True)


@app.command()
def propose(
    order: Annotated[int, typer.Argument(help="A closed work order.")], json: frame.Json = False
) -> None:
    """Print an entry to begin with, made of a closed order.

    Write what … stands for, take out who is named, and add it.

    Example: shuize experience propose 1
    """
    from standards import plain_yaml

    with frame.platform() as platform:
        draft = platform.experience.propose(order)
    if json:
        frame.document(draft)
    else:
        frame.line(plain_yaml.write(draft.model_dump(mode="json")).rstrip("\n"))


@app.command()
def add(
    document: Annotated[Path, typer.Argument(help="YAML or JSON that describes it; see `propose`.")],
    by: frame.As = None,
    json: frame.Json = False,
) -> None:
    """Add an entry, or the next version of one.

    Example: shuize experience add lesson.yaml --as li-na
    """
    from api.documents import read_document
    from catalog.experience.models import parse_experience

    draft = parse_experience(read_document(document), where=str(document))
    with frame.platform() as platform:
        kept = platform.experience.add(draft, by=frame.actor(platform, by))
    if json:
        frame.document(kept)
    else:
        frame.facts([("experience", kept.id), ("version", kept.version), ("rule", kept.rule)])


@app.command("list")
def list_(
    rule: Annotated[str | None, typer.Option(help="Only of this rule, or inspection:NAME.")] = None,
    json: frame.Json = False,
) -> None:
    """List the entries, those learnt in most orders first.

    Example: shuize experience list
    """
    with frame.platform() as platform:
        found = platform.experience.list(rule)
    if json:
        frame.document(found)
        return
    frame.rows(
        ("experience", "version", "rule", "orders", "标题", "title"),
        ((e.id, e.version, e.rule, len(e.orders), e.title_zh, e.title_en) for e in found),
    )


@app.command()
def show(
    entry: Annotated[str, typer.Argument(help="The entry's id.")],
    version: Annotated[int | None, typer.Option(help="A version; the newest by default.")] = None,
    json: frame.Json = False,
) -> None:
    """Show an entry: the problem, its cause, how it was fixed.

    Example: shuize experience show broken-seal
    """
    with frame.platform() as platform:
        found = platform.experience.get(entry, version)
    if json:
        frame.document(found)
    else:
        _describe(found)


def beside(learnt: Sequence[Experience]) -> None:
    """Write, beside what breaks a rule, how much was learnt of it, and what was learnt most often."""
    if not learnt:
        return
    frame.line("")
    many = f"{len(learnt)} entries" if len(learnt) > 1 else "1 entry"
    frame.line(f"experience 经验 of this rule: {many}; shuize experience show ID")
    for each in learnt[:BEST]:
        frame.line(f"  {each.id}  {each.title_zh}  {each.title_en}")


def _describe(found: Experience) -> None:
    frame.facts(
        [
            ("experience", f"{found.id} version {found.version}"),
            ("rule", found.rule),
            ("标题", found.title_zh),
            ("title", found.title_en),
            ("问题", found.problem_zh),
            ("problem", found.problem_en),
            ("原因", found.cause_zh),
            ("cause", found.cause_en),
            ("办法", found.fix_zh),
            ("fix", found.fix_en),
            ("learnt in", ", ".join(f"work order {number}" for number in found.orders) or None),
            ("written", f"{found.written_at:%Y-%m-%d %H:%M} UTC by {found.written_by}"),
        ]
    )
