"""No library leaves the interpreter with a recursion limit that its C stack can't bear."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("first", ["contracts.recursion", "web3", "eth_account", "eth.vm.forks.prague"])
def test_nested_json_is_refused_and_kills_nothing(first: str) -> None:
    program = (
        f"import {first}, contracts.recursion, web3, contracts.embedded, json\n"
        "try: json.loads('[' * 200_000)\n"
        "except RecursionError: print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
