"""Loading: from a file or the name of a known pack to the checked model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from dutyrules.policies.diagnostics import Diagnostic, Diagnostics, quoted, render_text
from dutyrules.policies.faults import suggestion
from dutyrules.policies.model import Pack, Parameter, Place
from dutyrules.policies.overlays import Layer, NoBase, Overlaid
from dutyrules.policies.parts import picked
from dutyrules.policies.resolve import resolve_pack
from dutyrules.policies.yaml_nodes import MapNode, ScalarNode, node_of, scalar
from dutyrules.policies.yaml_source import LARGEST_FILE, read_bytes, read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint
    from importlib.resources.abc import Traversable

    from dutyrules.policies.yaml_nodes import Node

GROUP: Final = "dutyrules.packs"
_PATH_AND_SECTION: Final = re.compile(r"(.+\.ya?ml)/([A-Za-z][A-Za-z0-9_-]*)")
_FIGURE: Final = (int, Decimal)
_AS_WRITTEN: Final[Mapping[str, type | tuple[type, ...]]] = {
    "money": _FIGURE,
    "number": _FIGURE,
    "int": int,
    "bool": bool,
    "text": str,
    "date": str,
    "duration": str,
    "list": (list, tuple),
}
_ENDINGS: Final = (".yaml", ".yml")


class PackError(ValueError):
    """A pack cannot be loaded; `diagnostics` holds every fault and remark, `sources` the texts they stand in."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], sources: Mapping[str, str]) -> None:
        super().__init__(render_text([each for each in diagnostics if each.is_error], sources))
        self.diagnostics = diagnostics
        self.sources = sources


@attrs.frozen
class Checked:
    """What checking a file gave: the packs that have no fault, every fault and remark, and the texts they stand in."""

    packs: tuple[Pack, ...]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]
    wanted: int

    @property
    def failed(self) -> bool:
        """Tell whether any pack of the file cannot be loaded."""
        return len(self.packs) < max(1, self.wanted) or any(each.is_error for each in self.diagnostics)


def load_pack(name_or_path: str | Path) -> Pack:
    """Return the one pack of a file, or the known pack of a name; raises `PackError` with every fault."""
    checked = _single(name_or_path)
    if checked.failed:
        raise PackError(checked.diagnostics, checked.sources)
    return checked.packs[0]


def load_packs(name_or_path: str | Path) -> list[Pack]:
    """Return every pack of a file, in order; raises `PackError` with every fault of any of them."""
    checked = check_packs(name_or_path)
    if checked.failed:
        raise PackError(checked.diagnostics, checked.sources)
    return list(checked.packs)


def check_pack(name_or_path: str | Path) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """Return the one pack of a file, None where it has faults, and all that is to be said of it."""
    checked = _single(name_or_path)
    return (None if checked.failed else checked.packs[0]), checked.diagnostics


def _single(name_or_path: str | Path) -> Checked:
    """Return what checking gave, with a fault where the file holds more than one pack."""
    checked = check_packs(name_or_path)
    if checked.wanted <= 1:
        return checked
    names = ", ".join(quoted(_full_name(pack)) for pack in checked.packs) or "none of them without a fault"
    place = Place(str(name_or_path), 1, 1)
    sections = [pack.section for pack in checked.packs if pack.section]
    help_ = f"name one of them, as in `{name_or_path}/{sections[0]}`" if sections else "use `load_packs`"
    many = Diagnostic("DR117", f"the file holds {checked.wanted} packs: {names}", place, help_)
    return attrs.evolve(checked, diagnostics=(*checked.diagnostics, many))


def check_packs(name_or_path: str | Path) -> Checked:
    """Return the packs of a file or known name, and all that is to be said of them; a faulty pack raises nothing."""
    diagnostics = Diagnostics()
    source = find_pack(name_or_path)
    if source is None:
        _not_found(name_or_path, diagnostics)
        return Checked((), diagnostics.items, {}, 1)
    return _checked(source, diagnostics)


def check_text(text: str | bytes, file: str = "pack.yaml") -> Checked:
    """Return the packs of a text; a relative `extends` is looked for beside `file`."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _checked(Source(file, data, Path(file).parent), Diagnostics())


@attrs.frozen
class Source:
    """A pack file that was found: its name for people, its content, the folder that relative paths start from.

    `section` is the one pack that is meant where the file holds several, or the one part of a pack.
    """

    file: str
    data: bytes
    folder: Path | None
    section: str | None = None


def _checked(source: Source, diagnostics: Diagnostics) -> Checked:
    sources: dict[str, str] = {}
    roots = _roots(source, sources, diagnostics)
    readable = not diagnostics.failed
    packs: list[Pack] = []
    for root in roots:
        before = len(diagnostics.errors)
        if _is_part(root):
            help_ = "check the pack that names it under `parts`, or one part of it as `pack/part`"
            diagnostics.add("DR316", "this file is a part of a pack, and no pack", root, help=help_)
            continue
        overlaid = Overlaid(diagnostics, lambda name, base: _layer(name, base, sources, diagnostics))
        merged = overlaid.merge(_layer_of(root, source))
        if merged is None:
            continue
        digest = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for data in overlaid.contents)).hexdigest()
        pack = resolve_pack(merged, digest, diagnostics, overlaid.removed, overlaid.parts)
        if pack is not None and readable and len(diagnostics.errors) == before:
            packs.append(pack)
    return Checked(tuple(packs), diagnostics.items, sources, len(roots))


def _roots(source: Source, sources: dict[str, str], diagnostics: Diagnostics) -> list[Node]:
    text = read_bytes(source.data, source.file, diagnostics)
    if text is None:
        return []
    sources[source.file] = text
    roots = read_yaml(text, source.file, diagnostics)
    section = source.section
    if section is None:
        return roots
    chosen = [root for root in roots if _section(root) == section or picked(root, section) is not None]
    if roots and not chosen:
        names = [name for root in roots for name in (_section(root), *_part_names(root)) if name]
        help_ = suggestion(section, names) or ("it has " + ", ".join(map(quoted, names)) if names else None)
        message = f"the pack has no section or part {quoted(section)}"
        diagnostics.add("DR316", message, Place(source.file, 1, 1), help=help_)
    return chosen


def with_parameters(pack: Pack, values: Mapping[str, object]) -> Pack:
    """Return a pack with other values for its parameters, as an overlay would give them: plain, or by date.

    Texts stand for dates and durations. Raises `KeyError` for an unknown name, `ValueError` for a value of another type
    and `PackError` where the pack cannot be with such a value.
    """
    for name, value in values.items():
        _check_value(pack.parameters[name], value)
    if not values or pack.document is None:
        return pack
    place = pack.document.place
    given = MapNode(((scalar("parameters", place), node_of(values, place)),), place, place)
    diagnostics = Diagnostics()
    merged = Overlaid(diagnostics, _no_pack).lay(pack.document, given)
    changed = resolve_pack(merged, pack.digest, diagnostics, parts=pack.parts)
    if changed is None:
        raise PackError(diagnostics.items, {})
    return changed


def _check_value(parameter: Parameter, value: object) -> None:
    for each in value.values() if isinstance(value, Mapping) else (value,):
        fits = isinstance(each, _AS_WRITTEN[parameter.type]) and isinstance(each, bool) == (parameter.type == "bool")
        if not fits:
            message = f"{quoted(value)} is no value of the parameter {quoted(parameter.name)}"
            raise ValueError(message)


def _no_pack(name: str, _layer: Layer) -> Layer:
    raise NoBase(name)


def _layer_of(root: Node, source: Source) -> Layer:
    part = picked(root, source.section) if source.section is not None and _section(root) != source.section else None
    return Layer(root, source.file, source.data, source.folder, None if part is None else (part,))


def _is_part(root: Node) -> bool:
    return isinstance(root, MapNode) and root.get("part") is not None and root.get("pack") is None


def _part_names(root: Node) -> tuple[str, ...]:
    parts = root.get("parts") if isinstance(root, MapNode) else None
    return parts.keys() if isinstance(parts, MapNode) else ()


def _section(root: Node) -> str | None:
    section = root.get("section") if isinstance(root, MapNode) else None
    return section.text if isinstance(section, ScalarNode) else None


def _layer(name: str, base: Layer, sources: dict[str, str], diagnostics: Diagnostics) -> Layer:
    """Return the pack that `extends` names, looked for beside the file that names it and among the known packs."""
    if is_path(name) and (base.folder is None or Path(name).is_absolute() or ".." in Path(name).parts):
        raise NoBase(
            f"{quoted(name)} does not lie beside this file or below it", "write a path that starts from this file"
        )
    source = find_pack(name, base.folder)
    if source is None:
        help_ = (
            suggestion(name, known_packs()) or "write the name of a known pack, or a path that starts from this file"
        )
        raise NoBase(f"there is no pack {quoted(name)}", help_)
    roots = _roots(source, sources, diagnostics)
    if not roots:
        raise NoBase(f"the pack {quoted(name)} cannot be read")
    if len(roots) > 1:
        sections = [section for section in map(_section, roots) if section]
        help_ = f"name one of them, as in `{name}/{sections[0]}`" if sections else "give each of them a `section`"
        raise NoBase(f"the file {quoted(name)} holds {len(roots)} packs", help_)
    return _layer_of(roots[0], source)


def is_path(text: str) -> bool:
    """Tell whether a text is the path of a pack file, perhaps with a section, and not the name of a known pack."""
    return text.endswith(_ENDINGS) or _PATH_AND_SECTION.fullmatch(text) is not None


def find_pack(name_or_path: str | Path, folder: Path | None = None) -> Source | None:
    """Return the file of a path, relative to `folder` where one is given, or of a known pack.

    A known pack is named as `clinic` or, with one section or part of it, as `school/gate` or `property/visits`; so may
    a path be: `packs/school.yaml/gate`.
    """
    text = str(name_or_path)
    within = _PATH_AND_SECTION.fullmatch(text)
    if within is not None:
        source = find_pack(within[1], folder)
        return None if source is None else attrs.evolve(source, section=within[2])
    if isinstance(name_or_path, Path) or is_path(text):
        return _read(Path(text) if folder is None else folder / text, text if folder is None else None)
    name, _, section = text.partition("/")
    finder = _known_pack(name)
    if finder is None:
        return _read(Path(text), text) if folder is None and Path(text).is_file() else None
    source = finder()
    return source if source is None or not section else attrs.evolve(source, section=section)


def known_packs() -> dict[str, Finder]:
    """Return the packs that are known by name: those shipped, and those that installed distributions offer."""
    return {**_offered(), **_shipped()}


def _known_pack(name: str) -> Finder | None:
    """Return the known pack of a name; other distributions are asked only for what is not shipped."""
    return _shipped().get(name) or _offered().get(name)


def _offered() -> dict[str, Finder]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - it reads e-mail headers, and a shipped pack needs none

    return {entry.name: _Offered(entry) for entry in entry_points(group=GROUP)}


def _shipped() -> dict[str, Finder]:
    return {path.name.rsplit(".", 1)[0]: _Shipped(path) for path in _shipped_files() if path.name.endswith(_ENDINGS)}


@attrs.frozen
class _Shipped:
    """A pack that ships with this package."""

    path: Traversable

    def __call__(self) -> Source | None:
        return _read(self.path, None)


@attrs.frozen
class _Offered:
    """A pack that another distribution offers; its entry point is a path or a resource."""

    entry: EntryPoint

    def __call__(self) -> Source | None:
        try:
            offered = self.entry.load()
        except Exception:  # noqa: BLE001 - what another distribution raises is its own affair; the pack is not to be found
            return None
        offered = offered() if callable(offered) else offered
        return _read(Path(offered) if isinstance(offered, str) else offered, None)


Finder = _Shipped | _Offered


def _shipped_files() -> Sequence[Traversable]:
    """Return the files of the shipped packs: in the package, or in a source tree's `policies` folder."""
    package = files("dutyrules").joinpath("_packs")
    if package.is_dir():
        return list(package.iterdir())
    tree = Path(str(files("dutyrules"))).parent.parent / "policies"
    return sorted(tree.iterdir()) if tree.is_dir() and (tree.parent / "pyproject.toml").is_file() else []


def _read(path: Path | Traversable, shown: str | None) -> Source | None:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError):  # a `ValueError` where the name holds what no file name can
        return None
    folder = path.parent if isinstance(path, Path) else None
    return Source(shown or str(path), data, folder)


def _not_found(name_or_path: str | Path, diagnostics: Diagnostics) -> None:
    known = sorted(known_packs())
    help_ = suggestion(str(name_or_path), known) or (
        "the known packs are " + ", ".join(f"`{each}`" for each in known) if known else None
    )
    words = "file" if isinstance(name_or_path, Path) or is_path(name_or_path) else "pack"
    diagnostics.add("DR116", f"there is no {words} {quoted(name_or_path)}", Place(str(name_or_path), 1, 1), help=help_)


def _full_name(pack: Pack) -> str:
    return f"{pack.name}/{pack.section}" if pack.section else pack.name
