from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.engine import EngineFailed, engine, literal, one_row, quoted, read_parquet

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def test_a_refused_statement_is_an_error_of_ours() -> None:
    with pytest.raises(EngineFailed, match="the query engine failed"), engine() as connection:
        connection.execute("SELECT nothing FROM nowhere")


def test_other_errors_pass_unchanged() -> None:
    with pytest.raises(KeyError), engine():
        raise KeyError


def test_connections_share_nothing_and_speak_utc() -> None:
    with engine() as one, engine() as two:
        one.execute("CREATE TABLE t AS SELECT 1")
        assert one_row(two, "SELECT count(*) FROM duckdb_tables()") == (0,)
        assert one_row(one, "SELECT current_setting('TimeZone')") == ("UTC",)


@given(TEXT)
def test_any_text_is_a_literal_and_a_name(text: str) -> None:
    with engine() as connection:
        assert one_row(connection, f"SELECT {literal(text)}") == (text,)
        found = connection.execute(f"SELECT 1 AS {quoted(text)}")
        assert [column[0] for column in found.description] == [text]


@pytest.mark.parametrize("name", ["a b", "it's", "[1]", "*", "wh?t", "{a,b}", "数据", "k=v"])
def test_a_parquet_file_is_read_by_its_own_name_alone(tmp_path: Path, name: str) -> None:
    for folder, value in ((name, "right"), ("1", "wrong"), ("what", "wrong"), ("a", "wrong")):
        (tmp_path / folder).mkdir(exist_ok=True)
        pq.write_table(pa.table({"v": [value]}), tmp_path / folder / f"{name}.parquet")
    with engine() as connection:
        table = read_parquet(tmp_path / name / f"{name}.parquet")
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == [("right",)]
