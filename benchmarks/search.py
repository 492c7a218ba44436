"""Search over half a million datasets with Chinese names, and registering them; on SQLite and PostgreSQL.

Many are registered by the use case `Changes.register_all`. One by one they are registered as two people do
it, in one process, one after another, in two transactions each: `Changes.register` by one and
`Changes.approve` by the reviewer whom the organisation tree names. A request, a revision, two entries of the
trail and the index are in it. Beside it stands how often a second the database commits one changed row.
Searching is the use case `Search.find`, and through the HTTP application in this process. PostgreSQL is
measured where it is installed, as people run it, with fsync.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import sqlalchemy as sa

from benchmarks.claims import claim, parse_quick
from benchmarks.databases import each_kind
from catalog.changes import Changes, GovernedKind
from catalog.database import Database
from catalog.datasets.models import DatasetDraft
from catalog.organisation import UnitDraft, UnitKind
from catalog.parties import PartyDraft, PartyKind
from catalog.roles import Role, RoleDraft, SubjectKind
from catalog.search.query import SearchQuery
from standards.library import Library
from standards.security import SecurityLevel, highest

if TYPE_CHECKING:
    from api.wiring import Platform

P95_GOAL_MS = 100
BULK_GOAL_SECONDS = 60
SINGLE_GOAL_PER_SECOND = 300
PACKAGES = ("sqlalchemy", "psycopg")
BATCH = 5_000
WARMING = 10
BY = {"by": "steward", "approved_by": "owner-00"}

PLACES = """
    沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 浑南 铁西 和平 皇姑
    大东 于洪
""".split()  # noqa: SIM905 - a list to read
WHO = """
    居民 非居民 特种行业 工业企业 商业综合体 医院 学校 机关 洗浴 建筑工地 园林绿化 消防 趸售 临时
""".split()  # noqa: SIM905 - a list to read
WHAT = """
    用水量 用电量 水费 水表 抄表记录 远传流量 管网压力 漏损率 水质余氯 供水量 泵站能耗 阀门台账
    表册 账单 欠费 报装 巡检工单 维修记录 客户投诉 产销差 二次供水 水箱清洗 水源井 加氯量
""".split()  # noqa: SIM905 - a list to read
HOW = """
    日统计 月统计 年统计 明细 台账 汇总 预测 异常清单 对照表 快照
""".split()  # noqa: SIM905 - a list to read
WHAT_EN = ("consumption", "electricity", "charges", "meters", "readings", "pressure", "leakage", "chlorine")
ELEMENTS = (
    "area.code",
    "reading.inflow_l_per_s",
    "meter.number",
    "meter.calibre_mm",
    "customer.name",
    "period.month",
)
LEVELS = tuple(level for level in SecurityLevel if level is not SecurityLevel.CORE)


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    all: int = 500_000
    bulk: int = 100_000
    singly: int = 300
    rounds: int = 2


QUERIES = {
    "common, two characters": ("用水", "居民", "统计", "水表", "沈阳"),
    "common, longer": ("用水量", "非居民", "日统计", "水表月统计"),
    "rare": ("葫芦岛趸售加氯量", "阜新园林绿化水箱清洗", "第123456号"),
    "one character": ("水", "表", "号", "井"),
    "missing": ("核聚变", "鑫", "zzzz", "城商"),
    "mixed": ("沈阳 leakage", "meter 铁西", "dma 用电", "医院 水费 2024"),
    "English, part of a word": ("meter", "leak", "consum", "of"),
    "identifiers": ("ds-0123456", "ds-01234", "ds-0123x56", "da-0123456"),
    "common pieces that never meet": ("统计账单水表", "月沈阳", "量居民"),
}
FILTERS = ({}, {"security_level": "general-3"}, {"owner": "owner-07"})


def drafts(start: int, count: int) -> Iterator[DatasetDraft]:
    """Yield datasets as a utility would name them; the same numbers give the same datasets."""
    library = Library.load()
    for number in range(start, start + count):
        dice = random.Random(number)
        place, who, what, how = (dice.choice(words) for words in (PLACES, WHO, WHAT, HOW))
        elements = dice.sample(ELEMENTS, 3)
        least = highest(library.element(e).security_level for e in elements)
        yield DatasetDraft.model_validate(
            {
                "name": f"ds-{number:07d}",
                "title": f"{dice.choice(WHAT_EN)} of DMA {number % 977}, {2015 + number % 12}",
                "title_zh": f"{place}{dice.choice(PLACES)}{who}{what}{how}第{number}号",
                "description": f"{place}市{who}{what},按{how}口径,由第{number % 37}营业分公司提供,用于对账。",
                "owner": f"owner-{number % 50:02d}",
                "steward": "steward",
                "organisation": f"office-{number % 7}",
                "security_level": max(dice.choice(LEVELS), least),
                "update_frequency": "daily",
                "fields": [{"name": e.replace(".", "_"), "element": e} for e in elements],
            }
        )


def people(platform: Platform) -> None:
    """Have all parties known, their offices in the tree, and a reviewer for them all."""
    for id_ in ("steward", *(f"owner-{n:02d}" for n in range(50)), *(f"office-{n}" for n in range(7))):
        party = PartyDraft(id=id_, name=id_, kind=PartyKind.ORGANISATION)
        platform.parties.add(party, by="steward")
    group = UnitDraft(code="g", kind=UnitKind.GROUP, title="集团")
    offices = [
        UnitDraft(code=f"o{n}", kind=UnitKind.OFFICE, title="所", parent="g", party=f"office-{n}")
        for n in range(7)
    ]
    platform.organisation.add([group, *offices], by="steward")
    reviewer = RoleDraft(role=Role.REVIEWER, subject_kind=SubjectKind.UNIT, subject="g", party="owner-00")
    platform.roles.assign(reviewer, by="steward")


def register(database: Database, changes: Changes, on: str, size: Size) -> None:
    """Register datasets in bulk and singly, and print how long it took."""
    first = list(drafts(0, size.bulk))
    started = time.perf_counter()
    for at in range(0, size.bulk, BATCH):
        changes.register_all(first[at : at + BATCH], **BY)
    took = time.perf_counter() - started
    goal = BULK_GOAL_SECONDS * size.bulk / 100_000
    name = f"{on}: registering {size.bulk:,} datasets in bulk, {BATCH:,} a transaction"
    claim(name, took, "s", f"<= {goal:g}", took <= goal, packages=PACKAGES)
    for at in range(size.bulk, size.all, BATCH):
        changes.register_all(list(drafts(at, min(BATCH, size.all - at))), **BY)
    singly = drafts(size.all, size.singly + WARMING)
    for draft in islice(singly, WARMING):  # statements are compiled and prepared
        two_register(changes, draft)
    started = time.perf_counter()
    for draft in singly:
        two_register(changes, draft)
    rate = size.singly / (time.perf_counter() - started)
    name = f"{on}: registering one by one, request and approval, {size.all:,} being there"
    holds = rate >= SINGLE_GOAL_PER_SECOND
    floor = {"commits/s of one changed row": commits_per_second(database, size.singly)}
    claim(
        name, rate, "datasets/s", f">= {SINGLE_GOAL_PER_SECOND}", holds, packages=PACKAGES, beside=floor
    )  # fmt: skip


def two_register(changes: Changes, draft: DatasetDraft) -> None:
    """Register a dataset as two people do."""
    asked = changes.register(GovernedKind.DATASET, draft, by="steward")
    changes.approve(asked.id, by="owner-00")


def commits_per_second(database: Database, count: int) -> float:
    """Return how often a second one changed row is committed, one after another."""
    started = time.perf_counter()
    for _ in range(count):
        with database.write() as session:
            session.execute(sa.text("UPDATE search_sources SET digest = digest WHERE name = 'catalog'"))
    return count / (time.perf_counter() - started)


def ask(on: str, size: Size, find: Callable[[str, dict[str, str]], object]) -> None:
    """Print the 95th percentile of how long answers take; by kind of query on stderr."""
    every: list[float] = []
    for kind, texts in QUERIES.items():
        took: list[float] = []
        for _ in range(size.rounds):
            for text in texts:
                for filters in FILTERS:
                    started = time.perf_counter()
                    find(text, filters)
                    took.append((time.perf_counter() - started) * 1000)
        every += took
        print(
            f"{on}, {kind}: median {percentile(took, 50):.0f}, p95 {percentile(took, 95):.0f} ms",
            file=sys.stderr,
        )
    value = percentile(every, 95)
    claim(
        f"{on}: p95 of {len(every)} queries",
        value,
        "ms",
        f"<= {P95_GOAL_MS}",
        value <= P95_GOAL_MS,
        packages=PACKAGES,
    )


def percentile(values: list[float], share: int) -> float:
    """Return the value that this share of the values, in percent, does not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def measure(on: str, url: str, size: Size) -> None:
    """Print every figure of one database."""
    from starlette.testclient import TestClient

    from api.app import create_app
    from api.settings import Settings
    from api.wiring import Platform

    database = Database(url)
    database.upgrade()
    database.close()
    platform = Platform(Settings(database_url=url))
    people(platform)
    platform.search.find(SearchQuery(text="x"))
    register(platform.database, platform.changes, on, size)
    ask(
        f"{on}, use case", size, lambda text, said: platform.search.find(SearchQuery(text=text, **said))
    )  # fmt: skip
    with TestClient(create_app(platform)) as client:

        def get(text: str, said: dict[str, str]) -> None:
            answer = client.get("/search", params={"q": text, **said})
            answer.raise_for_status()  # a quick refusal must not pass for a quick answer

        get("x", {})
        ask(f"{on}, HTTP", size, get)
    platform.close()


def main() -> None:
    """Measure; --quick takes few datasets."""
    size = Size(all=5_000, bulk=2_500, singly=50, rounds=1) if parse_quick(__doc__) else Size()
    for on, opened in each_kind():
        with opened() as url:
            measure(on, url, size)


if __name__ == "__main__":
    main()
