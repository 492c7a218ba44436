"""Evidence over HTTP: for those who have a hand in the order, streamed in bounds, saved and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.wiring import Platform
from tests.api.answers import problem
from tests.api.shell import Said, shuize
from tests.builders import Room, a_room
from tests.catalog.evidence.files import NOTE, a_photo
from tests.catalog.orders import an_order


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    """Yield a catalog in which alice has work order 1."""
    opened = a_room(tmp_path)
    opened.register()
    an_order(opened)
    yield opened
    opened.database.close()


@pytest.fixture
def client(room: Room) -> Iterator[TestClient]:
    """Yield a client of it; evidence has a megabyte at most."""
    said = Settings(home=room.folder, database_url=room.url, store=room.store_folder, evidence_megabytes=1)
    platform = Platform(said)
    with TestClient(create_app(platform), raise_server_exceptions=False) as opened:
        yield opened
    platform.close()


def bearer(room: Room, party: str) -> dict[str, str]:
    token = room.parties.replace_token(party, by="alice").token
    return {"Authorization": f"Bearer {token}"}


def command(room: Room, *words: str) -> Said:
    return shuize(room.folder, *words, database_url=room.url, store=str(room.store_folder))


def test_evidence_goes_in_and_out_for_who_has_a_hand(room: Room, client: TestClient) -> None:
    hers = bearer(room, "alice")
    said = {
        "name": "门口.jpg",
        "latitude": "31.2",
        "longitude": "121.5",
        "taken_at": "2026-03-01T18:00:00+08:00",
    }
    photo = a_photo(place=(31.2001, 121.5), clock="2026:03:01 18:00:00")
    kept = client.post(
        "/orders/1/evidence", params=said, content=photo, headers={**hers, "Content-Type": "image/jpeg"}
    )
    assert kept.status_code == 201, kept.text
    assert kept.json()["photo"]["read_as"] == "as local time, for it names no zone"
    assert kept.json()["difference"]["metres"] == 11
    assert client.get("/orders/1/evidence", headers=hers).json() == [kept.json()]
    assert client.get("/orders/1/evidence/1", headers=hers).json() == kept.json()
    file = client.get("/orders/1/evidence/1/file", headers=hers)
    assert (file.content, file.headers["Content-Type"]) == (photo, "image/jpeg")
    assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E9%97%A8")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cache-Control"] == "no-store"
    assert client.get("/orders/1/evidence/verification", headers=hers).json()["faults"] == []


def test_nobody_else_sees_it(room: Room, client: TestClient) -> None:
    other = bearer(room, "bob")
    send = {"params": {"name": "a.txt"}, "content": NOTE}
    for headers, status in (({}, 401), (bearer(room, "partner"), 403), (other, 403)):
        for path in ("", "/1", "/1/file", "/verification"):
            problem(client.get(f"/orders/1/evidence{path}", headers=headers), status)
        problem(client.post("/orders/1/evidence", headers=headers, **send), status)
    problem(client.get("/orders/9/evidence", headers=other), 404)


def test_what_is_too_large_or_something_else_is_refused(room: Room, client: TestClient) -> None:
    hers = bearer(room, "alice")

    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield bytes(50_000)

    for content in (bytes(1_000_001), endless()):
        said = client.post("/orders/1/evidence", params={"name": "a.jpg"}, content=content, headers=hers)
        assert "evidence has 1 at most" in problem(said, 413)["detail"]
    for name, headers in (("a.jpg", hers), ("a.txt", {**hers, "Content-Type": "application/pdf"})):
        said = client.post("/orders/1/evidence", params={"name": name}, content=NOTE, headers=headers)
        assert problem(said, 422)["type"] == "urn:shuize:problem:not-what-it-says"
    assert client.get("/orders/1/evidence", headers=hers).json() == []


def test_the_commands_say_what_is_marked_and_what_does_not_hold(room: Room) -> None:
    photo = room.file(a_photo(place=(31.3, 121.5), clock="2026:03:01 18:00:00"), "far.jpg")
    words = ("--at", "31.2,121.5", "--taken-at", "2026-03-01T09:00:00Z", "--as", "alice")
    said = command(room, "evidence", "add", "1", str(photo), *words)
    assert said.code == 0, said.err
    assert "read as local time, for it names no zone: Asia/Shanghai" in said.out
    assert "marked: its photo was taken 11,120 m away" in said.out
    assert "marked: its photo was taken 60 min apart" in said.out
    assert command(room, "evidence", "verify", "1").code == 0
    digest = command(room, "evidence", "show", "1", "1", "--json").json()["sha256"]
    path = room.store.path(digest)
    path.chmod(0o600)
    path.write_bytes(b"another")
    said = command(room, "evidence", "verify", "1")
    assert said.code == 1
    assert "evidence 1/1: the bytes stored under" in said.out
