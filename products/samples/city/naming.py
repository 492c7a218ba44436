"""Names and addresses: persons by surname and given name, organisations as their trades have it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from products.samples.city import words
from products.samples.city.chance import Whole
from products.samples.city.columns import Mask, joined, number_text
from products.samples.city.columns import words as taken
from products.samples.city.parts import Block
from products.samples.customers import DISTRICTS
from products.samples.trades import trades

_BRANDS: Final = (
    "宏鑫恒瑞盛永泰金华德隆昌顺福祥嘉佳天东北新中联海龙凤万百星光明和源丰旺",
    "达兴发业盛通远翔宇诚信泰源顺和丰康宁悦雅美嘉华辉腾飞鼎峰润泽田园林海洋",
)
_TOKEN = re.compile(r"\{(\w+)\}")
_STRIDE: Final = 79  # prime, so that every road has its turn before the first one comes again
_ROAD_NAMES: Final = tuple(a + b for a in words.ROADS[0] for b in words.ROADS[1])


def persons(block: Block, stream: str = "person") -> pa.Array:
    """Return full names of people."""
    chance, rows = block.chance, block.rows
    surname = taken(words.SURNAMES, chance.pick(words.SURNAME_WEIGHTS, f"{stream}/surname", rows))
    first = ["", *words.GIVEN_FIRST]
    middle = chance.below(len(first) * 5 // 4, f"{stream}/first", rows)
    middle = np.where(middle >= len(first), 0, middle)  # a fifth more have one character only
    last = chance.below(len(words.GIVEN_LAST), f"{stream}/last", rows)
    return joined(surname, taken(first, middle), taken(words.GIVEN_LAST, last))


def organisations(block: Block) -> pa.Array:
    """Return the names of organisations, by the templates of their trades; of others too."""
    chance, rows = block.chance, block.rows
    templates, starts, counts = _templates()
    chosen = starts[block.trade] + chance.below(counts[block.trade], "organisation/template", rows)
    order = np.argsort(chosen, kind="stable")
    ends = np.searchsorted(chosen[order], np.arange(len(templates) + 1))
    fillings = _fillings(block)
    found: list[pa.Array] = []
    for place, template in enumerate(templates):
        here = pa.array(order[ends[place] : ends[place + 1]])
        if len(here):
            parts = [fillings[p[1:]].take(here) if p[0] == "{" else p for p in template]
            found.append(joined(*parts))
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    names = pa.concat_arrays(found) if found else pa.array([], pa.string())
    return names.take(pa.array(back))


@cache
def _templates() -> tuple[tuple[tuple[str, ...], ...], Whole, Whole]:
    """Return every template as literal texts and `{name`s, and each trade's first and number."""
    found: list[tuple[str, ...]] = []
    starts, counts = [], []
    for trade in trades():
        starts.append(len(found))
        counts.append(len(trade.names))
        for said in trade.names:
            if "{" not in said:
                sole = trade.registered_as == "92"
                said = f"{{place}}{{brand}}{said}" if sole else f"沈阳{{brand}}{said}有限公司"
            pieces = _TOKEN.sub(r"\0{\1\0", said).split("\0")
            found.append(tuple(piece for piece in pieces if piece))
    return tuple(found), np.array(starts, np.int64), np.array(counts, np.int64)


def _fillings(block: Block) -> dict[str, pa.Array]:
    chance, rows = block.chance, block.rows
    district = taken([d.name for d in DISTRICTS], block.district)
    brands = [taken(part, chance.below(len(part), f"brand/{n}", rows)) for n, part in enumerate(_BRANDS)]
    return {
        "city": pa.repeat("沈阳市", block.count),
        "district": district,
        "place": taken([_place(d.name) for d in DISTRICTS], block.district),
        "brand": joined(*brands),
        "road": taken(_ROAD_NAMES, chance.below(len(_ROAD_NAMES), "organisation/road", rows)),
        "n": taken([_numeral(n) for n in range(201, 999)], chance.below(798, "organisation/n", rows)),
    }


def _place(district: str) -> str:
    return district if district.endswith("市") else f"沈阳市{district}"


def _numeral(number: int) -> str:
    """Return a number from 111 to 999 in Chinese: 205 is 二百零五."""
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    middle = digits[tens] + "十" if tens else "零" if ones else ""
    return digits[hundreds] + "百" + middle + (digits[ones] if ones else "")


def addresses(block: Block) -> pa.Array:
    """Return addresses, each once: road and number by the book, the rest by the place in it."""
    roads, place = len(_ROAD_NAMES) * len(words.ROAD_KINDS), block.position
    first = block.city.layout.book_start
    local = block.book - first[block.branch]
    kinds = [name + kind for kind in words.ROAD_KINDS for name in _ROAD_NAMES]
    room = (place // 2 % 6 + 1) * 100 + place % 2 + 1
    return joined(
        taken([_place(d.name) for d in DISTRICTS], block.district),
        taken(kinds, (local * _STRIDE + block.branch) % roads),
        number_text(local // roads * 2 + 1),
        "号",
        number_text(place // 36 + 1),
        "号楼",
        number_text(place // 12 % 3 + 1),
        "单元",
        number_text(room),
        "室",
    )


def communities(places: Whole) -> pa.Array:
    """Return names of housing estates."""
    named = taken(_ROAD_NAMES, places % len(_ROAD_NAMES))
    return joined(named, taken(words.COMMUNITIES, places // len(_ROAD_NAMES) % len(words.COMMUNITIES)))


def either(mask: Mask, yes: pa.Array, no: pa.Array) -> pa.Array:
    """Return one column's values where the mask is true, and the other's elsewhere."""
    return pc.if_else(pa.array(mask), yes, no)
