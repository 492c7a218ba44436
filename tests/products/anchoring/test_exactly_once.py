"""Killed between any two steps, beside one another, or cut off from the chain: everything happens once."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from api.initialise import initialise
from catalog.grants import GrantState
from catalog.releases.models import ReleaseState
from products.anchoring.founder import Founder
from tests.products import mortals
from tests.products.builders import INDEX
from tests.products.homes import Home, a_copy, registry_of
from tests.products.moves import assert_all_stand, elsewhere, left_behind

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["pytest", "tests.products.mortals"])
MOST_STEPS = 60


def run(home: Home, deed: mortals.Deed, given: str = "", *, after: int = mortals.NEVER) -> int | None:
    """Run a deed in a process of its own and return its exit code, negative if a signal ended it."""
    process = SERVER.Process(target=mortals.live, args=(home.settings, deed, given, after, None, None))
    process.start()
    process.join(60)
    return process.exitcode


def at_once(*lives: tuple[Home, mortals.Deed, str]) -> list[str]:
    """Run deeds in processes that begin at the same moment; return what each said, in no order."""
    start, said = SERVER.Barrier(len(lives)), SERVER.Queue()
    processes = [
        SERVER.Process(target=mortals.live, args=(h.settings, deed, given, mortals.NEVER, start, said))
        for h, deed, given in lives
    ]
    for process in processes:
        process.start()
    outcomes = [said.get(timeout=60) for _ in lives]
    for process in processes:
        process.join(60)
    return sorted(outcomes)


def nonce(home: Home) -> int:
    """Return how many transactions the operator has sent."""
    with home.open() as platform:
        return platform.chain.number("eth_getTransactionCount", platform.sender.address, "latest")


def killed_everywhere(
    prepare: Callable[[int], Home],
    deed: mortals.Deed,
    given: Callable[[Home], str],
    check: Callable[[Home, int, bool], None],
) -> int:
    """Kill a deed after its first step, its second, and so on until it ends; check what is left each time.

    `check` is told whether the deed was killed. Returns the number of steps.
    """
    for after in range(1, MOST_STEPS):
        home = prepare(after)
        code = run(home, deed, given(home), after=after)
        assert code in (0, -signal.SIGKILL), f"after step {after}: {code}"
        check(home, after, code != 0)
        if code == 0:
            return after - 1
    raise AssertionError("the deed never ended")


def no_name(_home: Home) -> str:
    return ""


@pytest.fixture
def fresh(template: Home, tmp_path: Path, node: str | None) -> Callable[[int], Home]:
    """Return a function that gives a new home on each kind of chain."""
    return lambda number: a_copy(template, tmp_path / str(number), node)


def assert_published_once(home: Home) -> None:
    with registry_of(home) as registry, home.open() as platform:
        assert registry.products() == (INDEX,)
        (anchor,) = registry.releases(INDEX)
        release = platform.releases.get(INDEX)
        assert release.state is ReleaseState.PUBLISHED
        assert anchor.manifest_digest == release.manifest_digest
        assert anchor.content_root == release.content_root
        assert release.chain is not None
        assert release.chain["block"] == anchor.block_number
        assert release.chain["contract"] == registry.address
        assert platform.intents.pending() == ()


def test_a_publication_killed_anywhere_is_completed_once(fresh: Callable[[int], Home]) -> None:
    sent: set[int] = set()

    def check(home: Home, after: int, killed: bool) -> None:
        before = run(home, mortals.resume) if after % 2 else 0
        assert before == 0
        with home.open() as platform:
            state = platform.releases.get(INDEX).state
        if state is ReleaseState.APPROVED:  # killed before its intent, or not resumed: give the command again
            assert killed
            assert run(home, mortals.publish) == 0
        assert_published_once(home)
        sent.add(nonce(home))

    steps = killed_everywhere(fresh, mortals.publish, no_name, check)
    assert steps >= 14
    assert len(sent) == 1  # and no transaction was spent in vain


def test_a_grant_killed_anywhere_is_issued_once_or_not_at_all(
    template: Home, tmp_path: Path, node: str | None
) -> None:
    ready = a_copy(template, tmp_path / "ready", None)
    ready.publish()

    def prepare(number: int) -> Home:
        home = a_copy(ready if node is None else template, tmp_path / str(number), node)
        if node is not None:
            home.publish()
        return home

    def check(home: Home, after: int, killed: bool) -> None:
        with home.open() as platform:
            known = platform.grants.list()
        if after % 2:
            assert run(home, mortals.resume) == 0
        else:  # somebody else's command comes first; the open grant is completed after it
            assert run(home, mortals.grant, "rival") == 0
            assert run(home, mortals.resume) == 0
        with registry_of(home) as registry, home.open() as platform:
            found = {grant.terms_digest: grant.index for grant in registry.grants(INDEX)}
            grants = platform.grants.list()
            assert {g.terms_digest: g.chain_index for g in grants} == found
            assert len(grants) == len(known) + (after % 2 == 0)
            assert {grant.state for grant in grants} <= {GrantState.ACTIVE}
            assert platform.intents.pending() == ()
            assert len(known) == (after > 2)  # two steps look whether it may be granted at all

    assert killed_everywhere(prepare, mortals.grant, lambda _home: "partner", check) >= 7


def test_a_revocation_killed_anywhere_is_completed_once(
    template: Home, tmp_path: Path, node: str | None
) -> None:
    ready = a_copy(template, tmp_path / "ready", None)
    if node is None:
        ready.publish()
        ready.grant()

    def prepare(number: int) -> Home:
        home = a_copy(ready if node is None else template, tmp_path / str(number), node)
        if node is not None:
            home.publish()
            home.grant()
        return home

    def check(home: Home, after: int, killed: bool) -> None:
        if after % 2:
            assert run(home, mortals.resume) == 0
        with home.open() as platform:
            (grant,) = platform.grants.list()
        if grant.state is GrantState.ACTIVE:
            assert killed
            assert run(home, mortals.revoke, grant.id) == 0
        with registry_of(home) as registry, home.open() as platform:
            (on_chain,) = registry.grants(INDEX)
            (grant,) = platform.grants.list()
            assert on_chain.revoked_at is not None
            assert (grant.state, grant.revoke_reason) == (GrantState.REVOKED, "study finished")
            assert platform.intents.pending() == ()

    def only_grant(home: Home) -> str:
        with home.open() as platform:
            return platform.grants.list()[0].id

    assert killed_everywhere(prepare, mortals.revoke, only_grant, check) >= 7


def test_a_withdrawal_killed_anywhere_is_completed_once(
    template: Home, tmp_path: Path, node: str | None
) -> None:
    def prepare(number: int) -> Home:
        home = a_copy(template, tmp_path / str(number), node)
        home.publish()
        return home

    def check(home: Home, after: int, killed: bool) -> None:
        if after % 2:
            assert run(home, mortals.resume) == 0
        with home.open() as platform:
            state = platform.releases.get(INDEX).state
        if state is ReleaseState.PUBLISHED:
            assert killed
            assert run(home, mortals.withdraw) == 0
        with registry_of(home) as registry, home.open() as platform:
            withdrawn = registry.release(INDEX, 1).withdrawn
            assert withdrawn is not None
            assert withdrawn.reason == "meters were swapped"
            assert platform.releases.get(INDEX).state is ReleaseState.WITHDRAWN
            assert platform.intents.pending() == ()

    assert killed_everywhere(prepare, mortals.withdraw, no_name, check) >= 5


def test_a_move_killed_anywhere_carries_everything_over_once(
    template: Home, tmp_path: Path, anvil_url: str
) -> None:
    ready = a_copy(template, tmp_path / "ready")
    left_behind(ready)
    begun: list[int] = []
    sent: set[int] = set()

    def prepare(number: int) -> Home:
        home = elsewhere(a_copy(ready, tmp_path / str(number)), anvil_url)
        begun.append(nonce(home))
        return home

    def check(home: Home, after: int, killed: bool) -> None:
        if after % 2:  # what was begun is completed first; then, or at once, the command is given again
            assert run(home, mortals.resume) == 0
        assert run(home, mortals.move) == 0
        assert_all_stand(home)
        with registry_of(home) as registry:
            assert (registry.release_count(INDEX), registry.grant_count(INDEX)) == (2, 1)
        sent.add(nonce(home) - begun[-1])

    assert killed_everywhere(prepare, mortals.move, no_name, check) >= 25
    assert sent == {5}  # the name, two releases, a withdrawal, a grant: none in vain


def test_a_deployment_killed_anywhere_ends_with_one_registry_and_its_roles(
    template: Home, tmp_path: Path, anvil_url: str
) -> None:
    sent: set[int] = set()

    def check(home: Home, _after: int, _killed: bool) -> None:
        initialise(home.settings, lambda _step: None)
        with registry_of(home) as registry, home.open() as platform:
            members = registry.role_members()
            mine = platform.sender.address
            assert members.admin == mine
            assert members.publishers == members.grantors == members.loggers == (mine,)
            assert platform.intents.pending() == ()
        sent.add(nonce(home))

    def prepare(number: int) -> Home:
        return a_copy(template, tmp_path / str(number), anvil_url, found=False)

    assert killed_everywhere(prepare, mortals.found, no_name, check) >= 10
    assert sent == {4}  # the contract and three roles, each once


# ------------------------------------------------------------------------------------------ beside each other


def test_two_publications_at_once_publish_once(fresh: Callable[[int], Home]) -> None:
    for number in range(3):
        home = fresh(number)
        outcomes = at_once((home, mortals.publish, ""), (home, mortals.publish, ""))
        assert outcomes in (["done", "done"], ["already-published", "done"])
        assert_published_once(home)


def test_grants_issued_at_once_are_all_there(moved: Home) -> None:
    moved.publish()
    lives = [(moved, mortals.grant, party) for party in ("partner", "rival", "partner")]
    assert at_once(*lives) == ["done", "done", "done"]
    with registry_of(moved) as registry, moved.open() as platform:
        grants = platform.grants.list()
        assert {g.chain_index for g in grants} == {0, 1, 2}
        assert {g.terms_digest: g.chain_index for g in grants} == {
            found.terms_digest: found.index for found in registry.grants(INDEX)
        }


def test_two_who_complete_one_grant_issue_it_once(moved: Home) -> None:
    moved.publish()
    for party in ("partner", "rival", "partner"):
        assert run(moved, mortals.grant, party, after=3) == -signal.SIGKILL  # stored, and nothing more
    assert at_once((moved, mortals.resume, ""), (moved, mortals.resume, "")) == ["done", "done"]
    with registry_of(moved) as registry, moved.open() as platform:
        assert registry.grant_count(INDEX) == 3
        assert {grant.state for grant in platform.grants.list()} == {GrantState.ACTIVE}
        assert platform.intents.pending() == ()


def test_two_who_revoke_at_once_revoke_once(moved: Home) -> None:
    moved.publish()
    grant = moved.grant()
    outcomes = at_once((moved, mortals.revoke, grant.id), (moved, mortals.revoke, grant.id))
    assert outcomes in (["done", "done"], ["already-revoked", "done"])
    with registry_of(moved) as registry:
        assert registry.grant(INDEX, 0).revoked_at is not None


def test_two_who_found_at_once_end_with_the_same_registry(
    template: Home, tmp_path: Path, anvil_url: str
) -> None:
    home = a_copy(template, tmp_path / "home", anvil_url, found=False)
    outcomes = at_once((home, mortals.initialised, ""), (home, mortals.initialised, ""))
    assert "done" in outcomes
    initialise(home.settings, lambda _step: None)
    with registry_of(home) as registry, home.open() as platform:
        assert registry.role_members().publishers == (platform.sender.address,)
        contracts = [
            platform.chain.code(_contract_address(platform.sender.address, number)) for number in range(5)
        ]
        assert len([code for code in contracts if code]) == 1


def test_who_begins_when_another_has_just_founded_takes_that_registry(
    template: Home, tmp_path: Path, anvil_url: str
) -> None:
    home = a_copy(template, tmp_path / "home", anvil_url, found=False)
    with home.open() as platform:
        late = mortals.Before(platform.intents, "open", lambda: initialise(home.settings, lambda _step: None))
        deployment = Founder(platform.deployments, late).found(platform.chain, platform.sender)
        assert deployment == platform.deployments.get(platform.chain.chain_id)
        assert platform.intents.pending() == ()
    assert nonce(home) == 4


def _contract_address(account: str, number: int) -> str:
    import rlp
    from eth_utils.crypto import keccak

    return "0x" + keccak(rlp.encode([bytes.fromhex(account[2:]), number]))[12:].hex()
