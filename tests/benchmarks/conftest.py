"""The benchmark's programs, which are scripts beside the package, as modules for the tests."""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent.parent / "benchmarks"

sys.path.insert(0, str(FOLDER))
