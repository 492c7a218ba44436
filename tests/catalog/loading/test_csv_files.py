from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.engine import engine
from catalog.loading.readers import ReadOptions, UnreadableFile, open_source
from tests.builders import csv_text

Rows = list[tuple[str | None, ...]]


def read(tmp_path: Path, content: str | bytes, name: str = "source.csv") -> tuple[tuple[str, ...], Rows]:
    """Return header and rows of a CSV file with this content."""
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    with engine(scratch) as connection:
        source = open_source(connection, path, ReadOptions(), scratch)
        return source.columns, connection.execute(f"SELECT * FROM {source.sql}").fetchall()


def refusal(tmp_path: Path, content: str | bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, content)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(tmp_path: Path, delimiter: str) -> None:
    text = csv_text(["a", "b"], [["1,5", "x;y|z\tw"]], delimiter)
    assert read(tmp_path, text) == (("a", "b"), [("1,5", "x;y|z\tw")])


def test_delimiters_inside_quoted_names_do_not_count(tmp_path: Path) -> None:
    text = '"name, first, last, all";b\nx;y\n'
    assert read(tmp_path, text) == (("name, first, last, all", "b"), [("x", "y")])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(tmp_path: Path, end: str) -> None:
    assert read(tmp_path, f"a,b{end}1,2{end}3,4{end}")[1] == [("1", "2"), ("3", "4")]
    assert read(tmp_path, f"a,b{end}1,2{end}3,4")[1] == [("1", "2"), ("3", "4")]


def test_line_ends_may_be_mixed_as_in_joined_files(tmp_path: Path) -> None:
    text = 'a,b\r\n1,"two\r\nlines"\n3,4\r5,"six""\r"\r\n'
    assert read(tmp_path, text)[1] == [("1", "two\r\nlines"), ("3", "4"), ("5", 'six"\r')]


def test_line_ends_may_change_far_into_a_file(tmp_path: Path) -> None:
    text = "a,b\n" + "1,2\n" * 200_000 + "3,4\r\n" * 200_000
    rows = read(tmp_path, text)[1]
    assert rows == [("1", "2")] * 200_000 + [("3", "4")] * 200_000


def test_quoted_line_breaks_and_quotes_belong_to_the_value(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b\n"1\n2","say ""hi"""\n')[1] == [("1\n2", 'say "hi"')]


def test_an_empty_cell_is_missing_quoted_or_not(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b,c\n,"",x\n')[1] == [(None, None, "x")]


def test_blank_lines_are_skipped_between_rows_of_several_columns(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n1,2\n\n3,4\n\n\n")[1] == [("1", "2"), ("3", "4")]


def test_characters_beyond_the_basic_plane_are_kept(tmp_path: Path) -> None:
    assert read(tmp_path, "名,b\n𠀀😀,e\u0301\n") == (("名", "b"), [("𠀀😀", "e\u0301")])


def test_lines_that_do_not_fit_are_named_as_an_editor_counts_them(tmp_path: Path) -> None:
    error = refusal(tmp_path, 'a,b\n"1\n\n2",3\n\nshort\nx,y\none,too,many\n')
    assert "first: line 6" in error.message
    assert [(fault.pointer, fault.detail) for fault in error.faults] == [
        ("line 6", "columns: 1, where the header has 2"),
        ("line 8", "columns: 3, where the header has 2"),
    ]


def test_of_very_many_broken_lines_the_first_twenty_are_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a;b\n" + "1,2\n" * 100_000)
    assert [fault.pointer for fault in error.faults] == [f"line {n}" for n in range(2, 22)]


def test_a_quote_that_never_ends_is_refused_where_it_begins(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'a,b\n1,2\n"3,4\n5,6\n').faults[0].pointer == "line 3"


@pytest.mark.parametrize("content", ["\n", " \n \t\n", " \n" * 9000, "\na,b\n1,2\n", b"\xef\xbb\xbf", "\r\n"])
def test_a_file_whose_first_line_is_blank_is_refused(tmp_path: Path, content: str | bytes) -> None:
    assert "empty, or its first line is" in refusal(tmp_path, content).message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert "is empty" in refusal(tmp_path, b"").message


def test_columns_need_names_of_their_own(tmp_path: Path) -> None:
    assert "names a column twice: a" in refusal(tmp_path, "a,b,a\n1,2,3\n").message
    assert "twice: Name, name" in refusal(tmp_path, "Name,name\n1,2\n").message
    assert "without a name (2 of 3)" in refusal(tmp_path, "a,,b\n1,2,3\n").message


def test_a_header_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    assert "header" in refusal(tmp_path, 'a,"b\n1,2\n').message
    assert "header" in refusal(tmp_path, "x" * 10_000_000).message


def test_a_row_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    long = "水" * 3_400_000
    assert read(tmp_path, f"a,b\n{long},1\nx,2\n")[1] == [(long, "1"), ("x", "2")]


def test_a_row_of_seventeen_megabytes_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a,b\n" + "x" * 17_000_000 + ",1\n")
    assert error.faults[0].pointer == "line 2"
    assert "larger than field limit" in error.faults[0].detail


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    for content in (b"%PDF-1.4\n\x00\x01", b"\x1f\x8b\x08\x00" + b"\x00" * 50, b"a,b\x00\n1,2\n"):
        assert "neither CSV nor Parquet nor Excel" in refusal(tmp_path, content).message


@pytest.mark.parametrize(
    "name", ["data[1].csv", "da*ta.csv", "wh?t.csv", "it's.csv", "数据.csv", "x.csv.gz", "x"]
)
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    (tmp_path / "data1.csv").write_text("other\nfile\n")
    assert read(tmp_path, "a,b\n1,2\n", name)[1] == [("1", "2")]


def test_names_of_folders_add_no_columns(tmp_path: Path) -> None:
    folder = tmp_path / "year=2021"
    folder.mkdir()
    assert read(folder, "a,b\n1,2\n")[0] == ("a", "b")


CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_whatever_python_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    expected = [tuple(cell or None for cell in row) for row in rows]
    text = csv_text(["a", "b"], rows, delimiter)
    assert read(tmp_path_factory.mktemp("csv"), text)[1] == expected
