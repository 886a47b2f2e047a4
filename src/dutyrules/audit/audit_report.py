"""An audit written down: as text for people, as a JSON document, and as rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from unicodedata import east_asian_width

from dutyrules.audit.findings import Verdict
from dutyrules.audit.verdict_words import AuditWords
from dutyrules.audit.verdicts import UNREAD
from dutyrules.outcomes import short_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dutyrules.audit.findings import Audit, Finding
    from dutyrules.policies.model import Pack

DECIDED: Final = (Verdict.AGREES, Verdict.DIFFERS, Verdict.NOT_DEMANDED, Verdict.CANNOT)
UNDECIDED: Final = (Verdict.MISSING, Verdict.PENDING)
COLUMNS: Final = (
    "verdict",
    "kind",
    "person",
    "matter",
    "decided_on",
    "decided_amount",
    "demanded_from",
    "demanded_by",
    "demanded_amount",
    "rule",
    "clause",
    "differences",
    "why",
    "match",
    "reference",
    "decision",
    "place",
    "outcome",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
BOM: Final = "\ufeff"


# --- text -------------------------------------------------------------------------------------------------------------


def text_lines(
    audit: Audit, pack: Pack, language: str, *, only: Collection[Verdict], most: int | None = None
) -> Iterator[str]:
    """Write the totals, then each finding with a verdict of `only`, at most `most` of each."""
    word = AuditWords(language, pack.roles, audit.says)
    begins, ends = ((instant or "-")[:10] for instant in (audit.begins, audit.ends))
    yield f"{pack.title.get(language, pack.name)}, {word('log')} {begins} … {ends}"
    yield ""
    yield from _table(_total_rows(audit, word))
    money = _money_rows(audit, word, pack.currency)
    if len(money) > 1:
        yield ""
        yield from _table(money)
    for verdict in Verdict:
        found = [one for one in audit.findings if one.verdict is verdict and verdict in only]
        if found:
            yield ""
            yield f"{word.verdict(verdict)} ({len(found)})"
            for one in found[:most]:
                yield from map(_printable, _finding_lines(one, word))
            if most is not None and len(found) > most:
                yield f"  {word('more').format(count=len(found) - most)}"


def _total_rows(audit: Audit, word: AuditWords) -> list[list[str]]:
    verdicts = [word.verdict(verdict) for verdict in (*DECIDED, *UNDECIDED)]
    rows = [["", word("decisions"), *verdicts[: len(DECIDED)], word("demands"), *verdicts[len(DECIDED) :]]]
    totals = audit.totals()
    for kind, counts in totals.items():
        rows.append(_total_row(_kind(kind, word), counts, audit.demands.get(kind, 0)))
    whole: Counter[Verdict] = sum(totals.values(), Counter())
    return [*rows, _total_row(word("total"), whole, sum(audit.demands.values()))]


def _total_row(name: str, counts: Counter[Verdict], demands: int) -> list[str]:
    decided = [counts[verdict] for verdict in DECIDED]
    return [name, *map(str, (sum(decided), *decided, demands, *(counts[verdict] for verdict in UNDECIDED)))]


def _money_rows(audit: Audit, word: AuditWords, currency: str) -> list[list[str]]:
    rows = [[f"{word('money')} ({currency})", word("decided_sum"), word("demanded_sum"), word("difference")]]
    for kind, sums in audit.sums.items():
        rows.append(
            [
                word.kind(kind),
                *(format(one, "f") for one in (sums.decided, sums.demanded, sums.decided - sums.demanded)),
            ]
        )
    return rows


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(map(_width, cells)) for cells in zip(*rows, strict=True)]
    for first, *cells in rows:
        line = first + " " * (widths[0] - _width(first))
        yield line + "".join(
            " " * (2 + width - _width(cell)) + cell for cell, width in zip(cells, widths[1:], strict=True)
        )


def _width(text: str) -> int:
    """Return how many places a text takes; Chinese characters take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _printable(line: str) -> str:
    """Show a place for what a terminal would obey: line ends, escapes, marks that turn the direction of writing."""
    return "".join(each if each.isprintable() else "�" for each in line)


def _finding_lines(one: Finding, word: AuditWords) -> Iterator[str]:
    row = finding_row(one, word)
    amount = row["decided_amount"] or row["demanded_amount"]
    head = (row["decided_on"] or row["demanded_from"], row["kind"], row["matter"], row["person"], amount)
    yield "  " + "  ".join(each for each in (*head, f"({row['place']})" if row["place"] else "") if each)
    for difference in one.differences:
        yield f"    {word.difference(difference)}"
    for reason in one.reasons:
        yield f"    {word.reason(reason)}"
    if one.outcome is not None:
        put = f": {word.match(one.match)}" if one.match is not None else ""
        yield f"    {_rule(one)} [{short_id(one.outcome.id)}]{put}"


# --- rows -------------------------------------------------------------------------------------------------------------


def finding_row(one: Finding, word: AuditWords) -> dict[str, str]:
    """Return a finding as texts, one for each of `COLUMNS`."""
    decision, outcome = one.decision, one.outcome
    found: dict[str, Any] = {
        "verdict": word.verdict(one.verdict),
        "kind": _kind(one.kind, word),
        "person": word.person((decision.person if decision else None) or (outcome.person if outcome else None) or ""),
        "matter": (decision.matter if decision else None) or (outcome.matter if outcome else None),
        "differences": "; ".join(map(word.difference, one.differences)),
        "why": "; ".join(map(word.reason, one.reasons)),
        "match": word.match(one.match) if one.match is not None else None,
        "place": one.place,
    }
    if decision is not None:
        found |= {
            "decided_on": decision.date.isoformat(),
            "decided_amount": _amount(decision.amount),
            "reference": decision.reference,
            "decision": decision.id,
        }
    if outcome is not None:
        found |= {
            "demanded_from": (getattr(outcome, "since", None) or outcome.time)[:10],
            "demanded_by": (getattr(outcome, "due", None) or "")[:10],
            "demanded_amount": _amount(getattr(outcome, "amount", None)),
            "rule": _rule(one),
            "clause": outcome.clause,
            "outcome": outcome.id,
        }
    return {name: str(found.get(name) or "") for name in COLUMNS}


def csv_text(audit: Audit, pack: Pack, language: str, *, only: Collection[Verdict]) -> Iterator[str]:
    """Write a header and one line for each finding, for Excel: after a byte order mark, and no cell a formula."""
    word = AuditWords(language, pack.roles, audit.says)
    line = io.StringIO()
    rows = csv.writer(line)
    line.write(BOM)
    rows.writerow([word(name) for name in COLUMNS])
    for one in audit.findings:
        if one.verdict in only:
            rows.writerow([_harmless(cell) for cell in finding_row(one, word).values()])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from running what a cell holds; a number is none."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        return Decimal(cell).is_finite()
    except ArithmeticError:
        return False


# --- JSON -------------------------------------------------------------------------------------------------------------


def document(audit: Audit, pack: Pack, language: str, *, only: Collection[Verdict]) -> dict[str, Any]:
    """Return the audit as plain data; sentences are in the language, everything else is not."""
    word = AuditWords(language, pack.roles, audit.says)
    return {
        "pack": pack.name,
        "begins": audit.begins,
        "ends": audit.ends,
        "totals": {
            kind: {
                "decisions": sum(counts[verdict] for verdict in DECIDED),
                "demands": audit.demands.get(kind, 0),
                **{verdict.value: counts[verdict] for verdict in Verdict},
            }
            for kind, counts in audit.totals().items()
        },
        "money": {
            kind: {"decided": _amount(sums.decided), "demanded": _amount(sums.demanded), "currency": pack.currency}
            for kind, sums in audit.sums.items()
        },
        "findings": [_finding(one, word) for one in audit.findings if one.verdict in only],
    }


def json_text(audit: Audit, pack: Pack, language: str, *, only: Collection[Verdict]) -> Iterator[str]:
    """Write the document of an audit piece by piece."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=1)
    yield from encoder.iterencode(document(audit, pack, language, only=only))
    yield "\n"


def _finding(one: Finding, word: AuditWords) -> dict[str, Any]:
    found: dict[str, Any] = {"verdict": one.verdict.value, "kind": None if one.kind == UNREAD else one.kind}
    if one.place:
        found["place"] = one.place
    if one.decision is not None:
        decision = one.decision
        parts = {name: getattr(decision, name) for name in ("person", "matter", "step", "rule", "reference")}
        found["decision"] = _known(
            {"id": decision.id, "date": decision.date.isoformat(), "amount": _amount(decision.amount), **parts}
        )
    if one.outcome is not None:
        found["outcome"] = one.outcome.as_dict()
        found["outcome"] |= {
            name: _amount(value) for name, value in found["outcome"].items() if isinstance(value, Decimal)
        }
    if one.match is not None:
        found["match"] = {"by": one.match.by, "days": one.match.days, "rivals": one.match.rivals}
    found["differences"] = [
        _known({"part": each.part, "decided": each.decided, "demanded": each.demanded, "days": each.days})
        for each in one.differences
    ]
    found["reasons"] = [{"code": each.code, **each.values, "text": word.reason(each)} for each in one.reasons]
    return found


def _kind(kind: str, word: AuditWords) -> str:
    return word("unread") if kind == UNREAD else word.kind(kind)


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _rule(one: Finding) -> str:
    return "" if one.outcome is None else getattr(one.outcome, "tier", None) or one.outcome.rule
