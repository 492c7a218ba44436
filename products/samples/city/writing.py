"""Write the city: some blocks at a time, each of them one row group, so that threads change no byte."""

from __future__ import annotations

import shutil
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from products.samples.city import datasets, tree
from products.samples.city.billing import bills
from products.samples.city.customers import contracts, customers, has_contract
from products.samples.city.datasets import Dataset
from products.samples.city.draft import PLANTED, Draft, Sheet
from products.samples.city.metering import cards, meters, terminals
from products.samples.city.parts import AS_OF, Block, City
from products.samples.city.planting import Plan, plan, plant_registers
from products.samples.city.reading import months, owners, readings
from products.samples.customers import ImpossibleSampleSize
from products.samples.documents import make_folder, write_document
from products.samples.written import SampleNotWritable, write_csv

BLOCK: Final = 25_000
SMALLEST, LARGEST = 1_000, 4_000_000
PLANTED_FILE: Final = "planted-synthetic.parquet"
README_FILE: Final = "README-synthetic.md"

_README = """# SYNTHETIC city / 合成数据

Everything in this folder is made up by `shuize sample city`: seed {seed}, {customers:,} customers,
seen on {as_of}.
Nobody and nothing in it exists: identity numbers have the sequence 000, organisation codes begin with XX,
mobile numbers with 154; none of them is given to anybody. District codes and names are real,
their areas are not.
本目录全部为合成数据,不对应任何真实的人、单位和水表。

- `*-synthetic.parquet` are datasets, `*.dataset.yaml` the documents that register them.
- `organisation-synthetic.csv` is for `shuize organisation import`.
- `people-synthetic.csv` says who is posted where, for `shuize party add` and `shuize organisation post`.
- `{planted}` lists every planted defect: rule, dataset, row from 0 (none where
  what fails is no row), key, how.

Quality rules that ask for the day of the run find what is listed when they are run for {as_of}.
"""


class CityWritten(BaseModel):
    """What was written, and what one must say when passing it on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    title: str
    rows: dict[str, int]
    planted: int
    planted_rules: int
    list_of_planted: Path
    synthetic: bool = True


def write_city(
    folder: Path, customers: int, seed: int, *, rate: float = 0.001, as_of: date = AS_OF, threads: int = 2
) -> CityWritten:
    """Write a made-up utility of so many customers into a folder, replacing files of the same names.

    The same customers, seed, rate and day give the same bytes, whatever the number of threads. `rate` is the
    share of customers with a defect of each rule; 0 plants none.

    Raises ImpossibleSampleSize and SampleNotWritable.
    """
    if not SMALLEST <= customers <= LARGEST:
        raise ImpossibleSampleSize(
            f"a city of {customers} customers can't be made",
            hint=f"ask for {SMALLEST} to {LARGEST} customers",
        )
    if not 0 <= rate <= 0.003:
        raise ImpossibleSampleSize(
            f"{rate} of all customers for each of some two hundred rules leaves nobody without a defect",
            hint="ask for a rate from 0 to 0.003",
        )
    if not 2010 <= as_of.year <= 2100:
        raise ImpossibleSampleSize(f"a city can't be seen on {as_of}", hint="give a day from 2010 to 2100")
    city = City(seed, customers, as_of)
    make_folder(folder)
    part = folder / f".{uuid.uuid4().hex}.part"
    try:
        part.mkdir()
        rows, planted = _write(part, city, rate, threads)
        _write_texts(part, city)
        for path in sorted(part.iterdir()):  # only now do files of the same names give way
            path.replace(folder / path.name)
    except OSError as error:
        raise SampleNotWritable(
            f"{folder} can't be written: {error.strerror or error}",
            hint="choose a folder with room for the files",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return CityWritten(
        folder=folder,
        title="SYNTHETIC city (合成城市)",
        rows=rows,
        planted=len(planted),
        planted_rules=len(planted["rule"].unique()),
        list_of_planted=folder / PLANTED_FILE,
    )


def _write_texts(folder: Path, city: City) -> None:
    for dataset in datasets.ALL:
        write_document(folder / f"{dataset.name}.dataset.yaml", dataset.document(city.seed, city.customers))
    write_csv(folder / "organisation-synthetic.csv", tree.TREE_HEADER, tree.tree_rows(city))
    write_csv(folder / "people-synthetic.csv", tree.PEOPLE_HEADER, tree.people_rows(city))
    text = _README.format(seed=city.seed, customers=city.customers, as_of=city.as_of, planted=PLANTED_FILE)
    (folder / README_FILE).write_text(text, encoding="utf-8")


def _write(folder: Path, city: City, rate: float, threads: int) -> tuple[dict[str, int], pa.Table]:
    planned = plan(city, rate)
    registers = Draft(city, {d.name: _sheet(tree.SMALL[d.name](city), d) for d in datasets.IN_REGISTERS})
    plant_registers(registers, rate)
    rows, found = {}, []
    for dataset in datasets.IN_REGISTERS:
        table, planted = registers.finished(dataset.name, 0)
        pq.write_table(table, folder / dataset.file_name, compression="zstd")
        rows[dataset.name] = len(table)
        found.append(planted)
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for tables in _blocks(city, planned, threads):
            for dataset in datasets.IN_BLOCKS:
                name = dataset.name
                table, planted = tables[name]
                if name not in writers:
                    writers[name] = stack.enter_context(_writer(folder / dataset.file_name, table.schema))
                found.append(_moved(planted, rows.get(name, 0)))
                rows[name] = rows.get(name, 0) + len(table)
                writers[name].write_table(table, row_group_size=max(1, len(table)))
    planted = pa.concat_tables(found)
    pq.write_table(planted, folder / PLANTED_FILE, compression="zstd")
    return rows, planted


def _blocks(city: City, planned: Plan, threads: int) -> Iterator[Mapping[str, tuple[pa.Table, pa.Table]]]:
    """Yield the tables of each block in order, a few made ahead."""
    starts = deque(range(0, city.customers, BLOCK))
    waiting: deque[Future[Mapping[str, tuple[pa.Table, pa.Table]]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        while starts or waiting:
            while starts and len(waiting) <= threads:
                waiting.append(pool.submit(_block, city, planned, starts.popleft()))
            yield waiting.popleft().result()


def _block(city: City, planned: Plan, first: int) -> Mapping[str, tuple[pa.Table, pa.Table]]:
    last = min(first + BLOCK, city.customers)
    block = Block(city, np.arange(first, last))
    read, register = months(block), customers(block)
    everybody = np.arange(block.count)
    tables = {
        "customers": (register, everybody),
        "contracts": (contracts(block, register), np.flatnonzero(has_contract(block))),
        "account-cards": (cards(block), everybody),
        "meters": (meters(block), np.concatenate([everybody, np.full(block.is_swapped.sum(), block.count)])),
        "terminals": (terminals(block), np.flatnonzero(block.is_remote)),
        "readings": (readings(read), owners(read)),
        "bills": (bills(read), np.repeat(read.of, 12)),
    }
    keys = {dataset.name: dataset.key for dataset in datasets.IN_BLOCKS}
    sheets = {name: Sheet(table.combine_chunks(), own, keys[name]) for name, (table, own) in tables.items()}
    draft = Draft(city, sheets, first)
    planned.plant(draft, last)
    return {name: draft.finished(name, 0) for name in tables}


def _sheet(table: pa.Table, dataset: Dataset) -> Sheet:
    return Sheet(table, np.arange(len(table)), dataset.key)


def _moved(planted: pa.Table, by: int) -> pa.Table:
    rows = pc.add(planted["row"], by)
    return planted.set_column(PLANTED.get_field_index("row"), PLANTED.field("row"), rows)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, schema, compression="zstd", store_decimal_as_integer=True)
