from __future__ import annotations

from pathlib import Path

from api.settings import Settings
from api.wiring import Platform
from tests.api.shell import shuize

SUCCESSOR = "0x52908400098527886E0F7030069857D2E4169EE7"


def test_status_shows_who_is_to_be_admin_and_from_when(new_home: Path) -> None:
    home = new_home
    assert "appointed admin" not in shuize(home, "chain", "status").out
    platform = Platform(Settings(home=home))
    sender = platform.sender
    sender.complete(sender.sign(platform.registry.calls.appoint_admin(SUCCESSOR)))
    from_when = platform.registry.role_members().appointed_from
    platform.close()
    assert from_when is not None
    told = shuize(home, "chain", "status")
    assert f"{SUCCESSOR}, may accept from {from_when:%Y-%m-%d %H:%M:%S} UTC" in told.out
    assert shuize(home, "chain", "status", "--json").json()["roles"]["appointed_admin"] == SUCCESSOR
