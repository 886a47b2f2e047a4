"""Run one command and print what it took: whole-process wall time, CPU time, peak memory.

It is a process of its own and imports next to nothing, since a child's peak memory counts from its parent's size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> None:
    """Run the command given and print its figures as JSON."""
    said = sys.argv[1]
    with open(said, "wb") as errors:  # noqa: PTH123 - as little as can be is imported
        begun = time.perf_counter()
        child = subprocess.Popen(  # noqa: S603 - the commands are this folder's own
            sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    figures = {
        "status": child.returncode,
        "wall": round(wall, 4),
        "cpu": round(used.ru_utime + used.ru_stime, 4),
        "rss": round(used.ru_maxrss / 1024, 1),
    }
    print(json.dumps(figures))


main()
