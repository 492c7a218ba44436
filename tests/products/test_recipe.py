"""Recipes as folders: what they may declare, and a utility's own beside the bundled ones."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from products.building.builder import BuildOptions
from products.building.making import RecipeFailed
from products.recipe import Recipes, read_recipe
from products.recipe_folders import MalformedRecipe
from standards.errors import InvalidInput
from tests.builders import Room
from tests.products.builders import a_builder, load_readings, readings, table

SQL = "SELECT area, count(*) AS hours_observed FROM inflow WHERE inflow_l_per_s > $least GROUP BY area"


def a_declaration(**changes: Any) -> dict[str, Any]:
    """Return a recipe's declaration: readings above a flow, by area."""
    return {
        "name": "busy-hours",
        "title": "Busy hours",
        "title_zh": "高峰小时数",
        "description": "Readings above a flow.",
        "method": "Counted.",
        "inputs": {
            "inflow": {
                "dataset": "dma-inflow",
                "fields": {"area": "area.code", "inflow_l_per_s": "reading.inflow_l_per_s"},
            }
        },
        "parameters": {"least": {"type": "integer", "default": 5, "description": "The flow."}},
        "output": {
            "fields": {"area": "area.code", "hours_observed": "quality.hours_observed"},
            "key": ["area"],
        },
        "privacy": {"release_model": "controlled"},
    } | changes


def a_recipe(folder: Path, sql: str = SQL, **changes: Any) -> Path:
    """Write a recipe into a folder of recipes and return the folder of recipes."""
    place = folder / str(changes.get("name", "busy-hours")).replace("-", "_")
    place.mkdir(parents=True)
    (place / "recipe.yaml").write_text(yaml.safe_dump(a_declaration(**changes), allow_unicode=True), "utf-8")
    (place / "records.sql").write_text(sql, "utf-8")
    return folder


def test_a_utility_s_own_recipe_is_built_like_the_bundled_ones(room: Room, tmp_path: Path) -> None:
    load_readings(room, readings("2022-01", 1, lambda area, hour: "9" if hour.hour < 6 else "1"))
    builder = a_builder(room, a_recipe(tmp_path / "own"))
    release = builder.build("busy-hours", by="alice").release
    assert table(room, release).to_dict("list") == {
        "area": ["DMA-01", "DMA-02"],
        "hours_observed": [186, 186],
    }
    none = builder.build("busy-hours", by="alice", options=BuildOptions(parameters={"least": "9"})).release
    assert none.manifest["predicate"]["rows"] == 0


def test_any_change_of_a_recipe_s_files_changes_its_digest(tmp_path: Path) -> None:
    one = read_recipe(a_recipe(tmp_path / "one") / "busy_hours")
    assert read_recipe(a_recipe(tmp_path / "same") / "busy_hours").digest == one.digest
    others = [
        read_recipe(a_recipe(tmp_path / "two", SQL + "\n") / "busy_hours"),
        read_recipe(a_recipe(tmp_path / "three", title="Busier hours") / "busy_hours"),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"output": {"fields": {"area": "area.code"}, "key": ["areas"]}}, "areas"),
        ({"output": {"fields": {"area": "area.code"}, "key": ["area"], "count": "n"}}, "the output lacks: n"),
        ({"inputs": {}}, "at least 1"),
        ({"surplus": 1}, "has no meaning here"),
        ({"privacy": {"release_model": "controlled", "k": 2}}, "k = 2 is weaker"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        Recipes(a_recipe(tmp_path / "own", **changes)).list()
    assert said in caught.value.message + " ".join(fault.detail for fault in caught.value.faults)


def test_a_recipe_without_sql_or_with_broken_yaml_is_refused(tmp_path: Path) -> None:
    own = a_recipe(tmp_path / "own")
    (own / "busy_hours" / "records.sql").unlink()
    with pytest.raises(MalformedRecipe, match=r"lacks the file records\.sql"):
        Recipes(own).list()
    for text in (
        "a: [",
        "name: busy-hours\nname: other\n",
        "title: 007\n",
        "title: .inf\n",
        "a: !!python/x 1",
    ):
        (own / "busy_hours" / "recipe.yaml").write_text(text)
        with pytest.raises(MalformedRecipe, match=r"recipe\.yaml is (no document that|not YAML)"):
            Recipes(own).list()
    (own / "busy_hours" / "recipe.yaml").write_bytes("name: 名称".encode("gb18030"))
    with pytest.raises(MalformedRecipe, match="is not UTF-8"):
        Recipes(own).list()


def test_dates_in_a_recipe_are_text(tmp_path: Path) -> None:
    day = date(2026, 1, 1)  # written without quotes, which YAML 1.1 reads as a date
    since = {"type": "text", "default": day, "description": "d", "choices": [day]}
    recipes = Recipes(a_recipe(tmp_path / "own", parameters={"since": since}))
    assert recipes.get("busy-hours").declaration.parameters["since"].choices == ("2026-01-01",)


def test_two_recipes_of_one_name_and_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MalformedRecipe, match="two recipes make water-use-index"):
        Recipes(a_recipe(tmp_path / "own", name="water-use-index")).list()
    with pytest.raises(MalformedRecipe, match="there is no folder"):
        Recipes(tmp_path / "nothing").list()


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT area, nothing FROM inflow", "nothing"),
        ("SELECT area FROM inflow", "made the columns area"),
        ("SELECT area, 1 AS hours_observed, 2 AS more FROM inflow", "made the columns"),
        ("SELECT area, 'many' AS hours_observed FROM inflow", "does not fit its data element"),
        ("SELECT area, 1.5 AS hours_observed FROM inflow", "does not fit its data element"),
    ],
)
def test_sql_that_makes_another_table_than_declared_fails_in_words(
    room: Room, tmp_path: Path, sql: str, said: str
) -> None:
    load_readings(room, readings("2022-01", 1, areas=["DMA-01"]))
    with pytest.raises(RecipeFailed, match=said):
        a_builder(room, a_recipe(tmp_path / "own", sql)).build("busy-hours", by="alice")
    assert room.releases.list() == ()
    assert [event["eventType"] for event in room.lineage.events()] == ["START", "FAIL"]


def test_a_parameter_whose_name_begins_another_s_is_not_taken_for_it(room: Room, tmp_path: Path) -> None:
    load_readings(room, readings("2022-01", 1))
    numbers = {"type": "integer", "default": 5, "description": "A flow."}
    own = a_recipe(
        tmp_path / "own",
        "-- not $le, nor '$l'\n" + SQL.replace("GROUP", "AND '$leas' <> '' GROUP"),
        parameters={"least": numbers, "l": numbers, "le": numbers, "leas": numbers},
    )
    assert a_builder(room, own).build("busy-hours", by="alice").release.manifest["predicate"]["rows"] == 2


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT area, 1 AS hours_observed FROM read_csv('{file}')",
        "SELECT area, 1 AS hours_observed FROM inflow, read_text('{file}')",
        "COPY (SELECT 1) TO '{file}.out'",
        "ATTACH '{file}.db'",
        "SET lock_configuration = false",
    ],
)
def test_a_recipe_s_sql_reaches_nothing_but_its_inputs(room: Room, tmp_path: Path, statement: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("area\nDMA-01\n")
    load_readings(room, readings("2022-01", 1, areas=["DMA-01"]))
    own = a_recipe(tmp_path / "own", statement.format(file=secret))
    with pytest.raises(RecipeFailed):
        a_builder(room, own).build("busy-hours", by="alice")
    assert sorted(path.name for path in tmp_path.glob("secret*")) == ["secret.csv"]


def test_the_statement_after_the_privacy_step_sees_only_what_the_step_left(
    room: Room, tmp_path: Path
) -> None:
    load_readings(room, readings("2022-01", 1, areas=["DMA-01"]))
    fields = {"area": "area.code", "hours_observed": "quality.hours_observed"}
    own = a_recipe(tmp_path / "own", records={"fields": fields})
    (own / "busy_hours" / "product.sql").write_text(
        "SELECT area, count(*) AS hours_observed FROM inflow GROUP BY area"
    )
    with pytest.raises(RecipeFailed, match="inflow"):
        a_builder(room, own).build("busy-hours", by="alice")


def test_the_recipe_in_contributing_builds_as_it_stands_there(room: Room, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8")
    folder = tmp_path / "own" / "area_hours"
    folder.mkdir(parents=True)
    for name, block in re.findall(r"```\w+\n(?:#|--) (recipe\.yaml|records\.sql)\n(.*?)```", text, re.DOTALL):
        (folder / name).write_text(block, "utf-8")
    load_readings(room, readings("2022-01", 1, lambda _area, hour: None if hour.hour == 3 else "1"))
    release = a_builder(room, tmp_path / "own").build("area-hours", by="alice").release
    assert table(room, release).to_dict("list") == {
        "area": ["DMA-01", "DMA-02"],
        "hours_observed": [31 * 23, 31 * 23],
    }
