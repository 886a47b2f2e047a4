"""The small texts of a pack: facts, windows, offices, sums and links, split into parts; names are settled elsewhere."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from dutyrules.calendars.durations import Duration, parse_duration
from dutyrules.calendars.errors import CalendarError
from dutyrules.policies.diagnostics import quoted
from dutyrules.policies.faults import Fault, Refused, suggestion
from dutyrules.policies.model import WindowKind
from dutyrules.policies.names import PERIODS
from dutyrules.policies.syntax import FactKind

LONGEST_SMALL_TEXT: Final = 2_500
NAME: Final = r"[^\W\d]\w*"
_NAME: Final = re.compile(NAME)
_RULE: Final = re.compile(r"[^\s,\[\]{}'\"]+")
_WHERE: Final = re.compile(r"\swhere\s")
_OF_RULES: Final = re.compile(r"(breach|fulfilment|excuse|sanction)\s+of\s+(.*)", re.DOTALL)
_END_OF: Final = re.compile(rf"end\s+of\s+({NAME})")
_WINDOW_OF: Final = re.compile(rf"({NAME})\s+of\s+(.+)", re.DOTALL)
_SPREAD: Final = re.compile(rf"({NAME})\s+to\s+({NAME})")
_HEAD_OF: Final = re.compile(rf"({NAME})\s+of\s+(.+)", re.DOTALL)
_PERCENT: Final = re.compile(r"(.+?)(?:\s*%|\s+percent)\s+of\s+(.+)", re.DOTALL)
_GAP: Final = re.compile(r"\s{32}")
_EACH: Final = re.compile(r"(.+?)\s+each", re.DOTALL)
_LINK: Final = re.compile(rf"latest\s+({NAME})\s+of\s+({NAME})(?:\s+within\s+(.+?))?(?:\s+if\s+(.+))?", re.DOTALL)
_FACT_HELP: Final = (
    "write an event type, or `breach of`, `fulfilment of`, `excuse of` or `sanction of` a rule, or `end of RECORD`"
)


@frozen
class Part:
    """A piece of a text and where it begins there."""

    text: str
    start: int

    def fault(self, code: str, message: str, help_: str | None = None) -> Fault:
        """Return a fault at this piece."""
        return Fault(code, message, self.start, max(1, len(self.text)), help_)


@frozen
class FactText:
    """A fact as it is written: what kind, which names, and its condition."""

    source: str
    kind: FactKind
    names: tuple[Part, ...]
    where: Part | None
    first: bool


@frozen
class WindowText:
    """Where a count counts: the window, whose date decides, or how far to look back."""

    kind: WindowKind
    date: Part | None = None
    rolling: Duration | None = None


@frozen
class SumText:
    """A sum: the expression of the amount, whether it is for each, and what it is a percentage of."""

    amount: Part
    each: bool = False
    percent_of: Part | None = None


@frozen
class LinkText:
    """A link: the latest record of a kind whose key equals a field, how long before, and under which condition."""

    record: Part
    of: Part
    within: Duration | None
    if_: Part | None


def part_of(match: re.Match[str], group: int, offset: int = 0) -> Part:
    """Return a group of a match as a piece of the text, without the spaces around it."""
    return trimmed(Part(match[group], match.start(group) + offset))


def trimmed(part: Part) -> Part:
    """Return the piece without the spaces around it."""
    left = len(part.text) - len(part.text.lstrip())
    return Part(part.text.strip(), part.start + left)


def split_where(part: Part) -> tuple[Part, Part | None]:
    """Split a fact into what stands before `where` and the condition after it; quotes hide a `where`."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", lambda quote: "_" * len(quote[0]), part.text)
    match = _WHERE.search(f"{bare} ")
    if match is None:
        return trimmed(part), None
    before = Part(part.text[: match.start()], part.start)
    return trimmed(before), trimmed(Part(part.text[match.end() :], part.start + match.end()))


def read_fact(text: str) -> FactText:
    """Read `[first] EVENT`, `breach|fulfilment|excuse|sanction of RULES` or `end of RECORD`, with `where CONDITION`."""
    refuse_long(text)
    head, where = split_where(Part(text, 0))
    if where is not None and not where.text:
        raise Refused(where.fault("DR214", "a condition is missing after `where`"))
    first = re.match(r"first\s+", head.text)
    if first is not None:
        head = Part(head.text[first.end() :], head.start + first.end())
    kind, names = _fact_head(head)
    return FactText(text, kind, names, where, first is not None)


def _fact_head(head: Part) -> tuple[FactKind, tuple[Part, ...]]:
    match = _OF_RULES.fullmatch(head.text)
    if match is not None:
        return FactKind(match[1]), read_names(part_of(match, 2, head.start))
    match = _END_OF.fullmatch(head.text)
    if match is not None:
        return FactKind.END, (part_of(match, 1, head.start),)
    if _NAME.fullmatch(head.text):
        return FactKind.EVENT, (head,)
    word = head.text.split(maxsplit=1)[0] if head.text else ""
    near = (
        suggestion(word, ("breach", "fulfilment", "excuse", "sanction", "first", "end")) if " " in head.text else None
    )
    raise Refused(head.fault("DR214", f"{quoted(head.text)} is not a fact", near or _FACT_HELP))


def cut_by_comma(text: str) -> bool:
    """Tell whether a text looks like the first or second half of one that YAML cut at a comma inside a list."""
    return text.count("(") != text.count(")") or text.count("[") != text.count("]")


def read_names(part: Part) -> tuple[Part, ...]:
    """Read one rule id or a list of them in square brackets."""
    text = part.text
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    offset = part.start + (1 if inner is not text else 0)
    names: list[Part] = []
    for piece in inner.split(","):
        name = trimmed(Part(piece, offset))
        offset += len(piece) + 1
        if _RULE.fullmatch(name.text) is None:
            raise Refused(name.fault("DR214", f"{quoted(name.text)} is not the id of a rule", "write `a` or `[a, b]`"))
        names.append(name)
    return tuple(names)


def read_duration(part: Part) -> Duration:
    """Read a duration such as `2h` or `2 working days`."""
    try:
        return parse_duration(part.text)
    except CalendarError as error:
        problem = error.problems[0]
        raise Refused(part.fault("DR209", problem.message, problem.hint or None)) from None


def read_window(text: str) -> WindowText:
    """Read where a count counts: `open`, `month`, `month of FIELD` or a duration to look back over."""
    refuse_long(text)
    part = trimmed(Part(text, 0))
    if part.text == "open":
        return WindowText(WindowKind.OPEN)
    if part.text in PERIODS:
        return WindowText(WindowKind(part.text))
    match = _WINDOW_OF.fullmatch(part.text)
    if match is not None:
        if match[1] not in PERIODS:
            near = suggestion(match[1], PERIODS)
            raise Refused(part_of(match, 1, part.start).fault("DR213", f"{quoted(match[1])} is not a period", near))
        return WindowText(WindowKind(match[1]), date=part_of(match, 2, part.start))
    if part.text[:1].isdigit():
        return WindowText(WindowKind.ROLLING, rolling=read_duration(part))
    near = suggestion(part.text, (*PERIODS, "open"))
    help_ = near or "write `month`, `month of FIELD`, `open`, or a duration to look back over such as `1 year`"
    raise Refused(part.fault("DR213", f"{quoted(part.text)} is not a period", help_))


def read_spread(text: str) -> tuple[str, str]:
    """Read `FIELD to FIELD`: each day from one to the other counts."""
    refuse_long(text)
    match = _SPREAD.fullmatch(text.strip())
    if match is None:
        raise Refused(
            Fault("DR213", f"{quoted(text)} names no two fields", help="write `from to to`: the first and the last day")
        )
    return match[1], match[2]


def read_office(text: str) -> tuple[str, Part] | None:
    """Read `head of FIELD`, None where the text is no such thing."""
    refuse_long(text)
    match = _HEAD_OF.fullmatch(text.strip())
    return None if match is None else (match[1], part_of(match, 2, len(text) - len(text.lstrip())))


def read_sum(text: str) -> SumText:
    """Read `50`, `40 each`, `1% of FIELD`, or an expression in the place of the figure."""
    refuse_long(text)
    part = trimmed(Part(text, 0))
    if part.text.startswith("%"):
        raise Refused(part.fault("DR221", f"{quoted(part.text)} is not a sum", "write `1% of wage.base_wage`"))
    match = _PERCENT.fullmatch(part.text)
    if match is not None:
        return SumText(part_of(match, 1, part.start), percent_of=part_of(match, 2, part.start))
    match = _EACH.fullmatch(part.text)
    if match is not None:
        return SumText(part_of(match, 1, part.start), each=True)
    if part.text.endswith("%"):
        raise Refused(part.fault("DR221", f"{quoted(part.text)} does not say of what", "write `1% of wage.base_wage`"))
    return SumText(part)


def read_link(text: str) -> LinkText:
    """Read `latest RECORD of FIELD [within DURATION] [if CONDITION]`."""
    refuse_long(text)
    match = _LINK.fullmatch(text.strip())
    if match is None:
        help_ = "write `latest RECORD of FIELD within 24h if CONDITION`"
        raise Refused(Fault("DR214", f"{quoted(text)} is not a link to a record", help=help_))
    offset = len(text) - len(text.lstrip())
    within = read_duration(part_of(match, 3, offset)) if match[3] else None
    return LinkText(
        part_of(match, 1, offset), part_of(match, 2, offset), within, part_of(match, 4, offset) if match[4] else None
    )


def is_name(text: str) -> bool:
    """Tell whether a text can be the name of a record, count, parameter or field."""
    return _NAME.fullmatch(text) is not None


def is_rule_id(text: str) -> bool:
    """Tell whether a text can be the id of a rule."""
    return _RULE.fullmatch(text) is not None


def refuse_long(text: str) -> None:
    """Refuse a text that no author writes: a very long one, or one with gaps that take long to read."""
    if len(text) > LONGEST_SMALL_TEXT:
        message = f"a text of the pack language has at most {LONGEST_SMALL_TEXT} characters"
        raise Refused(Fault("DR408", message, length=1))
    gap = _GAP.search(text)
    if gap is not None:
        raise Refused(Fault("DR408", "a text of the pack language has no such wide gap", gap.start(), 1))
