"""The command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; without its extra installed, say how to get it."""
    try:
        from dutyrules.cli.app import run
    except ModuleNotFoundError as error:
        if error.name not in {"typer", "rich", "click"}:
            raise
        sys.stderr.write("the command line needs more packages\nhelp: pip install 'dutyrules[cli]'\n")
        raise SystemExit(2) from None
    run()
