"""The engines that are compared: each in an environment of its own, outside the tree.

The peers and their requirements lie beside the tree and are only read. What cannot be installed is told with its
reason and left out; nothing is run in its place.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

DONE: Final = ".done"
NODE_PACKAGE: Final = "json-rules-engine@7.3.1"
PATIENCE: Final = 1_200
PLOTTING: Final = "matplotlib==3.10.7"


class NotInstalledError(Exception):
    """A peer's environment could not be made."""


@attrs.frozen
class Contender:
    """A program that does the job: its command, with IN and OUT for the files, and what it needs around it.

    `most_events`: with longer logs it takes too long to be run. `engine`: a rules engine, and no hand-written program.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = attrs.field(factory=dict)
    most_events: int | None = None
    engine: bool = False
    note: str = ""


@attrs.frozen
class Peer:
    """What a peer needs, and what runs it."""

    name: str
    needs: tuple[str, ...]
    command: Callable[[Peers], tuple[str, ...]]
    environment: Callable[[Peers], Mapping[str, str]] = lambda _peers: {}
    most_events: int | None = None
    engine: bool = True
    note: str = ""


@attrs.frozen
class Peers:
    """The folder with the peers, and the one where their environments are made."""

    folder: Path
    scratch: Path

    def contenders(self) -> Iterator[Contender | tuple[str, str]]:
        """Install the peers one after the other; give each that can run, or its name and why it cannot."""
        for peer in PEERS:
            try:
                for need in peer.needs:
                    self._install(need)
                environment = dict(peer.environment(self))
                yield Contender(peer.name, peer.command(self), environment, peer.most_events, peer.engine, peer.note)
            except (NotInstalledError, OSError) as error:
                yield peer.name, str(error)

    def versions(self) -> dict[str, str]:
        """Return the pinned packages of each environment."""
        return {**self._requirements(), "node": NODE_PACKAGE}

    def plotting(self) -> str:
        """Return an interpreter that can draw."""
        self._install("plots")
        return self.python("plots")

    def python(self, need: str) -> str:
        """Return the interpreter of an environment."""
        return str(self.scratch / need / "bin" / "python")

    def script(self, name: str) -> str:
        """Return the path of a peer's program."""
        return str(self.folder / "impl" / name)

    @property
    def java_home(self) -> Path:
        """Return where the Java on the path is installed."""
        found = shutil.which("java")
        if found is None:
            raise NotInstalledError("there is no `java` on the path")
        return Path(os.environ.get("JAVA_HOME") or Path(found).resolve().parent.parent)

    @property
    def drools_jar(self) -> Path:
        """Return the library that the Drools binding brings."""
        found = sorted((self.scratch / "drools").glob("lib/python*/site-packages/drools/jars/*.jar"))
        if not found:
            raise NotInstalledError("the Drools binding brought no library")
        return found[0]

    # --- inside ------------------------------------------------------------------------------------------------------

    def _requirements(self) -> dict[str, str]:
        lines = (self.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
        pairs = (line.partition(":") for line in lines if line.strip() and not line.startswith("#"))
        return {name.strip(): packages.strip() for name, _, packages in pairs} | {"plots": PLOTTING}

    def _install(self, need: str) -> None:
        if (self.scratch / need / DONE).exists():
            return
        (self.scratch / need).mkdir(parents=True, exist_ok=True)
        if need == "java":
            self._compile_java()
        elif need == "node":
            self._install_node()
        else:
            self._make_environment(need)
        (self.scratch / need / DONE).touch()

    def _make_environment(self, need: str) -> None:
        packages = self._requirements().get(need)
        if packages is None:
            raise NotInstalledError(f"no requirements for `{need}`")
        run([sys.executable, "-m", "venv", "--clear", str(self.scratch / need)])
        run([self.python(need), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages.split()])

    def _install_node(self) -> None:
        if shutil.which("node") is None or shutil.which("npm") is None:
            raise NotInstalledError("there is no `node` and `npm` on the path")
        folder = self.scratch / "node"
        run(["npm", "init", "-y"], folder)
        run(["npm", "install", "--no-audit", "--no-fund", NODE_PACKAGE], folder)

    def _compile_java(self) -> None:
        if shutil.which("javac") is None:
            raise NotInstalledError("there is no `javac` on the path")
        source = self.folder / "impl" / "java" / "Clinic.java"
        run(["javac", "-nowarn", "-cp", str(self.drools_jar), "-d", str(self.scratch / "java"), str(source)])


def run(command: list[str], folder: Path | None = None) -> None:
    """Run one step of an installation; what it says in the end is the reason where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - the commands are this folder's own
            command, cwd=folder, check=False, capture_output=True, text=True, errors="replace", timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalledError(f"`{command[0]}` took more than {PATIENCE} s") from error
    if done.returncode:
        said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise NotInstalledError(said[-1].strip() if said else f"`{command[0]}` failed")


def _python(need: str, script: str, *more: str) -> Callable[[Peers], tuple[str, ...]]:
    return lambda peers: (peers.python(need), peers.script(script), "IN", "OUT", *more)


def _java(peers: Peers) -> tuple[str, ...]:
    return ("java", "-cp", f"{peers.drools_jar}{os.pathsep}{peers.scratch / 'java'}", "Clinic", "IN", "OUT", "1")


def _node(peers: Peers) -> tuple[str, ...]:
    return ("node", peers.script("node/g_json_rules_engine.js"), "IN", "OUT", "1")


def _jvm(peers: Peers) -> Mapping[str, str]:
    """Let the binding find the virtual machine; with less memory its own guard stops long logs."""
    return {"LD_LIBRARY_PATH": str(peers.java_home / "lib" / "server"), "DROOLS_JPY_JVM_MAXMEM": "4G"}


def _modules(peers: Peers) -> Mapping[str, str]:
    return {"NODE_PATH": str(peers.scratch / "node" / "node_modules")}


YARDSTICK: Final = "hand-written, msgspec"
PEERS: Final = (
    Peer(YARDSTICK, ("base",), _python("base", "b_msgspec.py"), engine=False),
    Peer(
        "k ceiling",
        ("base",),
        _python("base", "k_ceiling.py"),
        engine=False,
        note="a picture of generated code, with provenance",
    ),
    Peer("plain Python", ("base",), _python("base", "a_plain.py"), engine=False),
    Peer("zen-engine, expressions", ("zen",), _python("zen", "e2_zen_expr.py"), note="decisions only"),
    Peer("zen-engine, tables", ("zen",), _python("zen", "e_zen.py"), note="decisions only"),
    Peer("business-rules", ("business",), _python("business", "i_business_rules.py"), note="decisions only"),
    Peer("rule-engine", ("ruleengine",), _python("ruleengine", "f_rule_engine.py"), note="decisions only"),
    Peer("json-rules-engine", ("node",), _node, _modules, note="decisions only"),
    Peer("Drools", ("drools", "java"), _java, note="cold start included"),
    Peer("Drools through drools_jpy", ("drools",), _python("drools", "d2_drools_jpy.py"), _jvm, note="decisions only"),
    Peer("regopy", ("opa",), _python("opa", "h_regopy.py"), note="decisions only"),
    Peer("durable-rules", ("durable",), _python("durable", "c_durable.py"), note="deadlines kept outside"),
    Peer("CLIPS", ("clips",), _python("clips", "l_clips.py"), most_events=20_000),
    Peer("experta", ("experta",), _python("experta", "j_experta.py"), most_events=20_000),
)
