"""The command line."""

from __future__ import annotations

import gc
import sys

TYPE_CHECKING = False  # `typing` is loaded by whoever needs it
if TYPE_CHECKING:
    from typing import Final

THRESHOLDS: Final = (50_000, 20, 50)
"""An engine keeps many objects for long and none in circles: looking for circles at the usual pace costs a tenth."""


def main() -> None:
    """Run the command line; without its extra installed, say how to get it."""
    gc.set_threshold(*THRESHOLDS)
    try:
        from dutyrules.cli.app import run
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich", "click"}:
            raise
        sys.stderr.write("the command line needs more packages\nhelp: pip install 'dutyrules[cli]'\n")
        raise SystemExit(2) from None
    run()
