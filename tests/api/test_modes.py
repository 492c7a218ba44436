from __future__ import annotations

import os
from pathlib import Path

from tests.api.shell import City, shuize

_OTHERS = 0o077


def _open(home: Path) -> set[str]:
    return {path.name for path in (home, *home.rglob("*")) if path.stat().st_mode & _OTHERS}


def test_a_new_home_is_for_its_account_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        said = shuize(tmp_path / "deep" / "home", "init")
    finally:
        os.umask(before)
    assert said.code == 0, said.err
    assert "warning" not in said.err
    assert _open(tmp_path / "deep" / "home") <= {"chain.db", "pseudonym.fingerprint"}
    assert (tmp_path / "deep" / "home").stat().st_mode & 0o777 == 0o700


def test_init_warns_of_what_is_open_and_changes_no_mode(own_city: City) -> None:
    home = own_city.home
    assert shuize(home, "dataset", "list").code == 0
    assert not {path.name for path in home.glob("catalog.db*") if path.stat().st_mode & _OTHERS}
    (home / "catalog.db").chmod(0o644)
    home.chmod(0o700)
    assert "warning" not in shuize(home, "init").err
    home.chmod(0o755)
    said = shuize(home, "init").err
    assert f"warning: other accounts of this machine may enter or read {home} (mode 755)" in said
    assert f"hint: unless you want that: chmod go= {home}/catalog.db" in said
    assert home.stat().st_mode & 0o777 == 0o755
