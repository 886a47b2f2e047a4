"""Checks a piece of a pack against its shape, and tells each fault at its place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ValidationError

from dutyrules.policies.diagnostics import Diagnostics, quoted
from dutyrules.policies.faults import suggestion
from dutyrules.policies.yaml_nodes import MapNode, Node, ScalarNode, SeqNode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

Shape = TypeVar("Shape", bound=BaseModel)
Path = tuple[str | int, ...]

_WANTED: Final = {
    "string_type": "a text",
    "int_type": "a whole number",
    "is_instance_of": "a number",
    "decimal_type": "a number",
    "bool_type": "`true` or `false`",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
_EMPTY: Final = ("string_too_short", "too_short")


def plain(node: Node) -> Any:  # noqa: ANN401 - plain data of any shape
    """Return a node as plain data; a text that was refused already reads as an empty one."""
    match node:
        case MapNode():
            return {key.text: plain(value) for key, value in node.entries}
        case SeqNode():
            return [plain(item) for item in node.items]
        case ScalarNode():
            return node.value


def locate(node: Node, path: Path) -> Node:
    """Return the node at a path, or the nearest one above it."""
    for step in path:
        below = node.get(str(step)) if isinstance(node, MapNode) else None
        if isinstance(node, SeqNode) and isinstance(step, int) and step < len(node.items):
            below = node.items[step]
        if below is None:
            return node
        node = below
    return node


def check_shape(model: type[Shape], node: Node, diagnostics: Diagnostics) -> Shape | None:
    """Return the piece as a record of the given shape, or None with its faults told."""
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        _tell(model, node, error.errors(include_url=False), diagnostics)
        return None


def sound_part(model: type[Shape], node: Node, instead: Mapping[str, object]) -> Shape | None:
    """Return a piece without its keys that have the wrong shape, so that its other faults can be told too.

    `instead` gives the values of keys that must be there.
    """
    data = plain(node)
    if not isinstance(data, dict):
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors(include_url=False) if each["loc"]}
    sound = {key: value for key, value in data.items() if key not in wrong}
    try:
        return model.model_validate({**instead, **sound})
    except ValidationError:
        return None


def _tell(model: type[BaseModel], node: Node, errors: list[ErrorDetails], diagnostics: Diagnostics) -> None:
    placed = [(_real_path(node, error["loc"]), error) for error in errors]
    by_path: dict[Path, list[ErrorDetails]] = {}
    for path, error in placed:
        if _about_key(error):
            _key_fault(model, node, error, diagnostics)
        elif not any(_inside(other, again, path) for other, again in placed):
            by_path.setdefault(path, []).append(error)
    for path, group in by_path.items():
        _wrong(locate(node, path), group, diagnostics)


def _real_path(node: Node, loc: tuple[int | str, ...]) -> Path:
    """Drop from a location the steps that name a branch of the shape and no key or index."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(node, MapNode):
            below = node.get(str(step))
        else:
            below = node.items[step] if isinstance(node, SeqNode) and isinstance(step, int) else None
        if below is not None:
            path.append(step)
            node = below
    return tuple(path)


def _about_key(error: ErrorDetails) -> bool:
    return error["type"] in ("extra_forbidden", "missing") or error["loc"][-1:] == ("[key]",)


def _inside(other: Path, again: ErrorDetails, path: Path) -> bool:
    """Tell whether another fault lies inside this place, so that one branch of the shape was right here."""
    return other[: len(path)] == path and (len(other) > len(path) or again["type"] == "missing")


def _key_fault(model: type[BaseModel], node: Node, error: ErrorDetails, diagnostics: Diagnostics) -> None:
    if error["type"] == "missing":
        _missing_key(node, _real_path(node, error["loc"]), str(error["loc"][-1]), diagnostics)
    elif error["loc"][-1] == "[key]":
        _unknown_key(node, error["loc"][:-1], _offered([error]), diagnostics)
    else:
        _unknown_key(node, error["loc"], _known_keys(model, error["loc"][:-1]), diagnostics)


def _unknown_key(node: Node, loc: tuple[int | str, ...], known: Sequence[str], diagnostics: Diagnostics) -> None:
    key = str(loc[-1])
    parent = locate(node, _real_path(node, loc)[:-1])
    at: Node = (parent.key_node(key) if isinstance(parent, MapNode) else None) or parent
    help_ = suggestion(key, known) or "the keys are " + ", ".join(f"`{each}`" for each in known)
    diagnostics.add("DR201", f"{quoted(key)} is not a key here", at, help=help_)


def _missing_key(node: Node, path: Path, key: str, diagnostics: Diagnostics) -> None:
    place = locate(node, path)
    first = place.entries[0][0] if isinstance(place, MapNode) and place.entries else place
    diagnostics.add("DR202", f"the key `{key}` is missing", first)


def _wrong(at: Node, group: list[ErrorDetails], diagnostics: Diagnostics) -> None:
    words = [error for error in group if error["type"] == "literal_error"]
    if words and isinstance(at, ScalarNode) and isinstance(at.value, str):
        offered = _offered(words)
        help_ = suggestion(at.value, offered) or "write one of " + ", ".join(f"`{each}`" for each in offered)
        diagnostics.add("DR204", f"{quoted(at.value)} is not a word that may stand here", at, help=help_)
        return
    if (isinstance(at, ScalarNode) and at.value in (None, "")) or any(error["type"] in _EMPTY for error in group):
        diagnostics.add("DR205", "a value is missing here", at)
        return
    wanted = list(dict.fromkeys(_WANTED.get(error["type"], "something else") for error in group))
    wanted = [each for each in wanted if each != "a whole number" or "a number" not in wanted]
    message = f"{' or '.join(wanted)} is wanted here, not {written(at)}"
    text_wanted = "a text" in wanted and isinstance(at, ScalarNode)
    diagnostics.add(
        "DR203",
        message,
        at,
        help=f'put it in quotes: `"{at.text}"`' if text_wanted and isinstance(at, ScalarNode) else None,
    )


def written(node: Node) -> str:
    """Say what stands at a node, in words for a message."""
    return node.kind if node.kind in ("true or false", "nothing") else f"a {node.kind}"


def _offered(errors: list[ErrorDetails]) -> list[str]:
    offered: list[str] = []
    for error in errors:
        expected = str(error["ctx"]["expected"])
        offered += [each.strip("' ") for part in expected.split(" or ") for each in part.split(",")]
    return [each for each in dict.fromkeys(offered) if each]


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the keys of the mapping at a location of the shape."""
    models = [model]
    for step in loc:
        fields = {field.alias or name: name for each in models for name, field in each.model_fields.items()}
        if step in fields:
            models = [inner for each in models for inner in _models_below(each, fields[str(step)])]
        elif any(each.__name__ == step for each in models):
            models = [each for each in models if each.__name__ == step]
    return tuple(dict.fromkeys(field.alias or name for each in models for name, field in each.model_fields.items()))


def _models_below(model: type[BaseModel], name: str) -> list[type[BaseModel]]:
    hints: Mapping[str, Any] = get_type_hints(model)
    return _models_in(hints[name]) if name in hints else []


def _models_in(annotation: Any) -> list[type[BaseModel]]:  # noqa: ANN401 - a type form of any shape
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [inner for each in get_args(annotation) for inner in _models_in(each)]
