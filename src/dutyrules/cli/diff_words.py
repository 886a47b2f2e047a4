"""What `dutyrules diff` says: the difference of two packs for people, in two languages, and as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import attrs

from dutyrules.audit.difference import size
from dutyrules.cli.inputs import Language, office
from dutyrules.cli.output import columns
from dutyrules.cli.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dutyrules.audit.difference import Change, Difference, Money, Total
    from dutyrules.audit.difference_causes import Cause, Causes
    from dutyrules.audit.difference_levers import Lever
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

_CHINESE: Final = {
    "the packs agree on this log": "两个规则包对此日志的结果相同",
    "events": "个事件",
    "outcomes differ": "项结果不同",
    "people fare differently": "人受影响",
    "owed": "应扣",
    "granted": "应得",
    "person": "当事人",
    "rule": "条款",
    "differ": "不同",
    "better or worse off": "得失",
    "People": "各人",
    "Rules": "各条款",
    "Responsible": "差异来源",
    "No part in it": "与差异无关",
    "Largest changes first": "变化（从大到小）",
    "nobody": "无当事人",
    "nothing": "无",
    "more": "项未列出",
    "only together": "合在一起才有此结果",
    "among others": "另有其他原因",
    "no single entry explains it": "单独一处不足以解释",
    "set aside": "未采用",
    "entries differ, too many to be tried one by one": "处不同，过多，未逐一验证",
    "parameter": "参数",
    "event": "事件",
    "shift": "班次",
    "hours": "工作时间",
    "record": "台账",
    "count": "计数",
    "value": "算式",
    "ladder": "处分阶梯",
    "header": "包头",
    "time": "时间",
    "due": "期限",
    "since": "起始",
    "status": "状态",
    "amount": "金额",
    "tier": "档次",
    "number": "次数",
    "low": "下限",
    "high": "上限",
    "lacking": "欠缺",
    "lacks": "缺少",
    "detail": "说明",
    "date": "日期",
    "late": "逾期",
    "period": "周期",
}
NOTHING: Final = "–"
_NOTES: Final = {"together": "only together", "partly": "among others", "unknown": "no single entry explains it"}


@attrs.define
class Telling:
    """Tells a difference in a language."""

    a: Pack
    b: Pack
    difference: Difference
    levers: list[Lever]
    causes: Causes
    language: Language

    def lines(self, most: int) -> Iterator[str]:
        """Give the whole account, with at most so many changes; 0: all of them."""
        yield from self._heads()
        if not self.difference.changes:
            yield ""
            yield self._say("the packs agree on this log")
            yield from self._without_effect()
            return
        yield from self._responsible()
        yield from self._table("People", "person", self.difference.by_person(), most)
        yield from self._table("Rules", "rule", self.difference.by_rule(), most)
        yield from self._changes(most)
        yield from self._without_effect()

    def _say(self, word: str) -> str:
        return _CHINESE.get(word, word) if self.language is Language.ZH else word

    # --- the parts ----------------------------------------------------------------------------------------------------

    def _heads(self) -> Iterator[str]:
        for letter, pack in (("A", self.a), ("B", self.b)):
            yield f"{letter}  {pack.prefix.rstrip('/')}  {pack.file}"
        a, b = self.difference.a, self.difference.b
        people = sum(1 for each in self.difference.by_person() if each.name)
        total = self.difference.total()
        parts = [
            f"{a.events} {self._say('events')}",
            f"{len(self.difference.changes)} {self._say('outcomes differ')}",
            f"{people} {self._say('people fare differently')}",
        ]
        yield ", ".join(parts) if self.language is Language.EN else "，".join(parts)
        for word, sums in (("owed", total.owed), ("granted", total.granted)):
            if any(sums):
                yield f"{self._say(word)} {_both(sums)}"
        if a.set_aside != b.set_aside:
            yield f"{self._say('set aside')} {a.set_aside} → {b.set_aside}"

    def _responsible(self) -> Iterator[str]:
        rows: list[tuple[Decimal, tuple[str, ...]]] = []
        for lever in self.levers:
            keys = self.causes.explained_by(lever)
            if keys:
                cost = _sum([one.cost for one in self.difference.changes if one.key in set(keys)])
                cells = (self._lever(lever), str(len(keys)), _signed(_turned(cost)), _details(lever))
                rows.append((size(cost), cells))
        if rows or self.causes.left_out:
            yield ""
            yield self._say("Responsible")
        if self.causes.left_out:
            yield f"  {self.causes.left_out} {self._say('entries differ, too many to be tried one by one')}"
        if rows:
            rows.sort(key=lambda row: (-row[0], row[1]))
            head = ("", self._say("differ"), self._say("better or worse off"), "A → B")
            yield from columns([head, *(cells for _, cells in rows)], indent=2)

    def _without_effect(self) -> Iterator[str]:
        idle = [lever for lever in self.levers if not self.causes.explained_by(lever)]
        if idle and not self.causes.left_out:
            yield ""
            yield self._say("No part in it")
            yield from columns([(self._lever(lever), _details(lever)) for lever in idle], indent=2)

    def _table(self, title: str, column: str, totals: list[Total], most: int) -> Iterator[str]:
        yield ""
        head = (column, "differ", "owed", "granted", "better or worse off")
        rows: list[tuple[str, ...]] = [tuple(map(self._say, head))]
        for each in totals[: most or None]:
            name = self._name(each.name) if column == "person" else each.name
            rows.append((name, str(each.changes), _both(each.owed), _both(each.granted), _signed(_turned(each.cost))))
        yield self._say(title)
        yield from columns(rows, indent=2)
        yield from self._rest(len(totals) - len(rows) + 1)

    def _changes(self, most: int) -> Iterator[str]:
        changes = self.difference.changes
        shown = changes[:most] if most else changes
        yield ""
        yield self._say("Largest changes first")
        rows: list[tuple[str, ...]] = [
            (self._name(one.person), one.rule, one.matter, self._what(one), self._because(self.causes.of[one.key]))
            for one in shown
        ]
        yield from columns(rows, indent=2)
        yield from self._rest(len(changes) - len(shown))

    def _rest(self, left: int) -> Iterator[str]:
        if left:
            yield f"  … {left} {self._say('more')}"

    # --- words --------------------------------------------------------------------------------------------------------

    def _name(self, person: str) -> str:
        return office(person, self.a, self.language) if person else self._say("nobody")

    def _what(self, change: Change) -> str:
        dated = "due" in change.fields
        one, other = self._line(change.a, self.a, dated=dated), self._line(change.b, self.b, dated=dated)
        if one == other:
            fields = change.fields.items()
            return ", ".join(f"{self._say(name)} {_plain(was)} → {_plain(will)}" for name, (was, will) in fields)
        return f"{one} → {other}"

    def _line(self, outcome: Outcome | None, pack: Pack, *, dated: bool) -> str:
        return self._say("nothing") if outcome is None else Words(self.language, pack).line(outcome, dated=dated)

    def _because(self, cause: Cause) -> str:
        names = ", ".join(map(self._lever, cause.levers))
        note = self._say(_NOTES[cause.how]) if cause.how in _NOTES and not self.causes.left_out else ""
        return "; ".join(part for part in (names, note) if part)

    def _lever(self, lever: Lever) -> str:
        return f"{self._say(lever.word)} {lever.name}"


def document(telling: Telling) -> dict[str, Any]:
    """Return the whole difference as plain data."""
    difference, causes = telling.difference, telling.causes
    heads = {
        letter: {
            "pack": pack.prefix.rstrip("/"),
            "file": pack.file,
            "digest": pack.digest,
            "set_aside": judged.set_aside,
        }
        for letter, pack, judged in (("a", telling.a, difference.a), ("b", telling.b, difference.b))
    }
    return {
        **heads,
        "same": not difference.changes,
        "events": difference.a.events,
        "total": _total(difference.total()),
        "people": [_total(each) for each in difference.by_person()],
        "rules": [_total(each) for each in difference.by_rule()],
        "differences": [
            {
                "section": lever.section,
                "name": lever.name,
                "changed": [{"key": key, "a": one, "b": other} for key, one, other in lever.details],
                "explains": len(causes.explained_by(lever)),
            }
            for lever in telling.levers
        ],
        "replays": causes.tried,
        "changes": [_change(one, causes.of[one.key]) for one in difference.changes],
    }


def _change(change: Change, cause: Cause) -> dict[str, Any]:
    return {
        "rule": change.rule,
        "kind": change.kind,
        "matter": change.matter,
        "person": change.person or None,
        "fields": {name: list(map(_exact, both)) for name, both in change.fields.items()},
        "cost": _sums(change.cost),
        "cause": {"how": cause.how, "of": [{"section": each.section, "name": each.name} for each in cause.levers]},
        "a": None if change.a is None else change.a.as_dict(),
        "b": None if change.b is None else change.b.as_dict(),
    }


def _total(total: Total) -> dict[str, Any]:
    return {
        "name": total.name or None,
        "changes": total.changes,
        "outcomes": list(total.outcomes),
        "owed": list(map(_sums, total.owed)),
        "granted": list(map(_sums, total.granted)),
        "cost": _sums(total.cost),
    }


def _sums(money: Money) -> dict[str, str]:
    return {currency: f"{amount:f}" for currency, amount in money.items()}


def _exact(value: object) -> object:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or NOTHING
    return NOTHING if value is None else str(value)


def _money(money: Money) -> str:
    return " + ".join(f"{amount:f} {currency}".strip() for currency, amount in money.items() if amount) or "0"


def _both(sums: tuple[Money, Money]) -> str:
    one, other = map(_money, sums)
    return NOTHING if one == other == "0" else one if one == other else f"{one} → {other}"


def _signed(money: Money) -> str:
    return " ".join(f"{amount:+f} {currency}".strip() for currency, amount in money.items()) or NOTHING


def _turned(money: Money) -> Money:
    """Return what a cost is to the person who bears it."""
    return {currency: -amount for currency, amount in money.items()}


def _sum(sums: list[Money]) -> Money:
    found: Money = {}
    for money in sums:
        for currency, amount in money.items():
            found[currency] = found.get(currency, Decimal(0)) + amount
    return {currency: amount for currency, amount in found.items() if amount}


def _details(lever: Lever) -> str:
    """Return what differs about an entry on one line."""
    parts = [
        f"{key}: {NOTHING if one is None else one} → {NOTHING if other is None else other}".removeprefix(": ")
        for key, one, other in lever.details
    ]
    return "; ".join(parts)
