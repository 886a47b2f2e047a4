"""Runs the examples of a page as they stand on it, so that what a page says stays true.

What the info string of a block says is done with it, in the order of the page:

* `LANGUAGE file=NAME`: the block is that file, in the folder in which the rest runs
* `console`: each `$ dutyrules …` is run and prints what stands below it, `…` standing for anything
* `python`: it is run, all blocks of a page as one program; what it prints stands in the `text` block that comes next
* `yaml` that starts with `pack:`: it is a pack without a fault
* `json`: it can be read
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
from pathlib import Path

from dutyrules.policies.load import check_text
from run_commands import run

_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STARTS = re.compile(r"^(?=\$ )", re.MULTILINE)


def blocks_of(path):
    """Return the blocks of a page: language, file name or nothing, text, and the line that the text starts on."""
    page = path.read_text("utf-8")
    return [(*match.groups(), page.count("\n", 0, match.start()) + 2) for match in _BLOCK.finditer(page)]


def run_page(path, folder):
    """Run every example of a page in a folder, the current one, and return how many were run."""
    names: dict[str, object] = {"__name__": "__main__"}
    printed, ran = "", 0
    for language, file, text, line in blocks_of(path):
        place = f"{path.name}:{line}"
        if printed:
            assert (language, file) == ("text", None), f"{place}: what the block before prints is not shown"
            assert text == printed, f"{place}: this is printed:\n{printed}"
            printed = ""
        elif file is not None:
            write(folder / file, text)
        elif language == "python":
            printed = executed(text, path, line, names)
            ran += 1
        elif language == "console":
            for command in _STARTS.split(text)[1:]:
                check_command(command, place)
                ran += 1
        elif language == "yaml" and text.startswith("pack:"):
            assert check_text(text, place).diagnostics == ()
            ran += 1
        elif language == "json":
            assert [json.loads(each) for each in text.splitlines()]
    assert not printed, f"{path.name}: what the last block prints is not shown:\n{printed}"
    return ran


def write(path, text):
    """Write a file of a page."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def executed(text, path, line, names):
    """Run the Python of a block, whose lines keep the numbers that they have on the page, and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile("\n" * (line - 1) + text, str(path), "exec"), names)  # noqa: S102 - the page's own example
    return out.getvalue()


def check_command(block, place):
    """Run a command and compare what it prints with what stands below it."""
    command, _, expected = block.partition("\n")
    found = ran(command.removeprefix("$ "))
    assert matches(expected, found), f"{place}: {command}\n{found}"


def ran(command):
    """Run a command and return what it prints, with its exit status where that is not 0."""
    program, *arguments = shlex.split(command)
    assert program == "dutyrules", f"`{program}` is not run: show it in a block `sh`"
    status, out, errors = run(*arguments)
    return out + errors + (f"[exit status {status}]\n" if status else "")


def matches(expected, found):
    """Tell whether an output is as shown, `…` standing for anything."""
    pattern = "".join(".*?" if part == "…" else re.escape(part) for part in re.split("(…)", expected.strip()))
    return re.fullmatch(pattern, re.sub(r" +$", "", found, flags=re.MULTILINE).strip(), re.DOTALL) is not None


def links_of(path):
    """Return the links of a page that lead into the tree, each with the heading that it means."""
    text = re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", text)
    return [link.partition("#")[::2] for link in found if not re.match(r"[a-z]+:", link)]


def anchors_of(path):
    """Return the names under which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def pages_below(root):
    """Return the pages of the source tree, those that a run leaves behind left out."""
    hidden = {path for path in root.iterdir() if path.name.startswith(".")}
    return sorted(path for path in Path(root).rglob("*.md") if not hidden & set(path.parents))
