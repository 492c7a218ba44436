"""shuize sampling: plan, draw, conclude."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

import typer

from api.cli import frame
from standards.errors import InvalidInput

app = typer.Typer(name="sampling", help="Re-inspection by sample.", no_args_is_help=True)

Confidence = Annotated[str, typer.Option(help="How sure the conclusion is to be.")]


class NoShare(InvalidInput):
    """A number that was to be a share between 0 and 1 is none."""

    code = "no-share"


@app.command()
def plan(
    population: Annotated[int, typer.Option(min=1, help="How many there are.")],
    acceptable: Annotated[str, typer.Option(help="The share of wrong ones that is still accepted.")],
    confidence: Confidence = "0.95",
    expected: Annotated[str, typer.Option(help="The share that is expected to be wrong.")] = "0",
    json: frame.Json = False,
) -> None:
    """Say how many to look at, and how many may be wrong.

    A population with more than the acceptable share of wrong ones is accepted with a chance of 1 - confidence
    at most. One with the expected share is accepted nine times of ten.

    Example: shuize sampling plan --population 3800000 --acceptable 0.01
    """
    from catalog.sampling.chances import smallest

    limit, likely = _share(acceptable), _share(expected)
    if likely > limit:
        raise NoShare(f"{expected} is expected to be wrong, and {acceptable} is accepted", hint="expect less")
    found = smallest(population, limit, _share(confidence), likely)
    said = {
        "population": population,
        "confidence": confidence,
        "acceptable": acceptable,
        "expected": expected,
    }
    if json:
        frame.document(said | {"size": found.size, "most_wrong": found.most_wrong})
        return
    frame.facts(
        [*said.items(), ("look at", f"{found.size:,}"), ("accept if wrong at most", found.most_wrong)]
    )


@app.command()
def draw(
    name: Annotated[str, typer.Argument(help="The dataset's name.")],
    size: Annotated[int, typer.Option(help="How many to draw.")],
    seed: Annotated[str, typer.Option(help="Any text: with it everybody draws the same rows.")],
    by: Annotated[
        str | None, typer.Option(help="A field, such as the office: in proportion to its values.")
    ] = None,
    json: frame.Json = False,
) -> None:
    """Draw rows of the newest version of a dataset.

    Example: shuize sampling draw dma-inflow --size 20 --seed 2026-11 --by area
    """
    from dataclasses import asdict

    with frame.platform() as platform:
        sample = platform.sampling.draw(name, size, seed, by=by)
    if json:
        frame.document(asdict(sample))
        return
    frame.note(f"{len(sample.rows)} of {sample.population:,} rows of {name} version {sample.version}")
    frame.rows(("row", "object", by or ""), ((each.row, each.object, each.stratum) for each in sample.rows))


@app.command()
def conclude(
    size: Annotated[int, typer.Option(min=1, max=100_000, help="How many were looked at.")],
    wrong: Annotated[int, typer.Option(min=0, help="How many of them are wrong.")],
    confidence: Confidence = "0.95",
    json: frame.Json = False,
) -> None:
    """Say what the sample tells of the whole.

    Between which shares the wrong ones lie: the interval of Clopper and Pearson.

    Example: shuize sampling conclude --size 299 --wrong 2
    """
    from catalog.sampling.chances import interval

    if wrong > size:
        raise NoShare(f"{wrong} of {size} can't be wrong", hint="give no more than were looked at")
    found = interval(size, wrong, _share(confidence))
    said = {"looked at": size, "wrong": wrong, "confidence": confidence, "share": f"{wrong / size:.6f}"}
    if json:
        frame.document(said | {"low": str(found.low), "high": str(found.high)})
    else:
        frame.facts([*said.items(), ("at least", found.low), ("at most", found.high)])


def _share(text: str) -> Fraction:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not (number.is_finite() and 0 <= number < 1):
        raise NoShare(f"{text!r} is no share", hint="write a number from 0 to less than 1, such as 0.95")
    return Fraction(number)
