"""Programs that use durable-rules run as processes of their own: its core is C and may take the process with it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SECONDS = 600


@pytest.fixture(scope="session")
def apart():
    """Return what runs a program with its arguments in a process of its own, and gives what it printed."""
    if importlib.util.find_spec("durable_rules_engine") is None:
        pytest.skip("durable-rules is not installed: it needs a Python below 3.13 and a C compiler")

    def run(*arguments: object, text: str | None = None) -> str:
        command = [sys.executable, "-X", "faulthandler", *(str(each) for each in arguments), *(["-"] if text else [])]
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=HERE
        )
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
        return done.stdout

    return run
