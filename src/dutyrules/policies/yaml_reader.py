"""Reading YAML that is no pack (mappings, scenarios) part by part, so that every fault is told at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from dutyrules.calendars.errors import CalendarError
from dutyrules.policies.diagnostics import did_you_mean, quoted
from dutyrules.policies.yaml_source import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Callable

    from dutyrules.policies.diagnostics import Diagnostic, Diagnostics

T = TypeVar("T")


class BadDocument(ValueError):
    """A file cannot be used; `diagnostics` holds every fault, `source` the text that they point into."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], source: str) -> None:
        super().__init__(diagnostics)
        self.diagnostics = diagnostics
        self.source = source


class YamlReader:
    """Reads nodes as what should stand there, and notes what does not under one code.

    What cannot be read comes back empty, so that reading goes on and finds the other faults.
    """

    def __init__(self, found: Diagnostics, code: str) -> None:
        self.found = found
        self._code = code

    def parts(self, node: Node, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Node]:
        """Return what stands under the known keys of a mapping."""
        if not isinstance(node, MapNode):
            self.fault(f"a mapping with keys such as {quoted(known[0])} stands here, not {node.kind}", node)
            return {}
        for key, _ in node.entries:
            if key.text not in known:
                self.fault(f"{quoted(key.text)} is no key here", key, did_you_mean(key.text, known))
        for name in needed:
            if node.get(name) is None:
                self.fault(f"{quoted(name)} is missing", node)
        return {key.text: value for key, value in node.entries if key.text in known}

    def text(self, node: Node) -> str:
        """Return a scalar as it was written."""
        if isinstance(node, ScalarNode):
            return node.text
        self.fault(f"a text stands here, not {node.kind}", node)
        return ""

    def value(self, node: Node) -> object:
        """Return what a scalar means."""
        if isinstance(node, SeqNode | MapNode):
            self.fault(f"a text or number stands here, not {node.kind}", node)
            return None
        return node.value

    def tried(self, read: Callable[[str], T], text: str, node: Node) -> T | None:
        """Return a text as a function of the calendars reads it, whose complaint is the fault."""
        try:
            return read(text)
        except CalendarError as error:
            self.fault(error.problems[0].message, node, error.problems[0].hint or None)
            return None

    def fault(self, message: str, node: Node | None, hint: str | None = None) -> None:
        """Note a fault of a node that is there."""
        if node is not None:
            self.found.add(self._code, message, node, help=hint)
