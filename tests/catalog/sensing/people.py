"""Columns of made-up people and of what only looks like them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.engine import engine
from catalog.sensing import words
from catalog.sensing.detecting import Asked, detect
from catalog.sensing.models import Sensed

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英建国文华志"
ROADS = ("南京街", "青年大街", "中山路", "长江街", "黄河大道")
PREFIXES = ("139", "138", "136", "158", "159", "186", "187", "133", "177", "199", "150", "135")


def names(count: int, seed: int = 1) -> list[str]:
    draw = Random(seed)
    return [draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2)))) for _ in range(count)]


def mobiles(count: int, seed: int = 1) -> list[str]:
    draw = Random(seed)
    return [draw.choice(PREFIXES) + f"{draw.randrange(10**8):08d}" for _ in range(count)]


def addresses(count: int, seed: int = 1) -> list[str]:
    draw = Random(seed)
    return [
        f"沈阳市{draw.choice(('和平区', '沈河区'))}{draw.choice(ROADS)}{draw.randrange(1, 300)}号"
        f"{draw.randrange(1, 9)}单元{draw.randrange(101, 3000)}室"
        for _ in range(count)
    ]


def sensed(folder: Path, **columns: Sequence[object]) -> dict[tuple[str, str], Sensed]:
    """Return what is sensed in columns, by field and kind; the field's name is its only hint."""
    path = folder / "columns.parquet"
    pq.write_table(pa.table(dict(columns)), path)
    with engine() as connection:
        found = detect(connection, path, [Asked(name, words.hints(name)) for name in columns])
    return {(each.field, each.kind.value): each for each in found}
