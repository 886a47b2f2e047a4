"""The words of the command line in two languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dutyrules.cli.inputs import Language, office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.events import Event
    from dutyrules.outcomes import Outcome
    from dutyrules.policies.model import Pack

_CHINESE: Mapping[str, str] = {
    "obligation": "义务",
    "deadline": "期限",
    "breach": "违反",
    "sanction": "处分",
    "entitlement": "待遇",
    "referral": "提请",
    "notice": "提示",
    "open": "待履行",
    "fulfilled": "已履行",
    "breached": "违反",
    "waived": "免除",
    "cancelled": "取消",
    "set": "设定",
    "moved": "变更",
    "missed": "逾期",
    "lifted": "解除",
    "proposed": "拟议",
    "imposed": "已作出",
    "voided": "作废",
    "granted": "给予",
    "postponed": "顺延",
    "taken": "已享受",
    "opened": "待答复",
    "answered": "已答复",
    "noted": "提示",
    "soft_limit": "逾期（原则性要求）",
    "not_permitted": "不准许",
    "rest_day": "调休",
    "duty_allowance": "值班补助",
    "weekly_rest": "周休",
    "revised": "更新",
    "withdrawn": "撤回",
    "retracted": "更正后撤销",
    "fine": "罚款",
    "deduct": "扣款",
    "compensate": "赔偿",
    "withhold": "扣发",
    "forfeit": "取消应得",
    "disqualify": "取消资格",
    "step": "处分",
    "due": "期限",
    "late": "逾期",
    "question": "问题",
    "discretion": "酌定",
    "review": "复核",
    "rules": "适用其他规定",
    "undecidable": "无法判定",
    "waiver": "可否免予",
    "lacks": "缺少",
    "asks": "请",
    "proposal": "拟",
    "to": "至",
    "Sanctions": "处分",
    "Allowances and rights": "待遇",
    "Voided, counts no more": "已作废",
    "Breaches without a price": "无处罚的违反",
    "Open questions": "待裁定的问题",
    "Open duties": "待履行的义务",
    "Notices": "提示",
    "to pay": "应扣",
    "forfeited": "取消",
    "to receive": "应得",
    "nothing on record": "无记录",
    "history": "状态变化",
    "because": "起因",
    "deadline account": "期限的计算",
    "what follows from it": "由此产生",
    "the rule": "条款原文",
    "clause": "条款",
    "person": "当事人",
    "matter": "事项",
    "counted": "计入",
    "skipped": "不计",
    "due at": "截止",
    "no deadline": "无期限",
    "event": "事件",
    "every day counts": "按日计算",
    "time runs": "连续计时",
    "working day": "工作日",
    "make-up workday": "调休上班日",
    "added workday": "增设工作日",
    "working hours": "工作时间",
    "counted from this day": "起算日",
    "weekend": "周末",
    "public holiday": "法定节假日",
    "added holiday": "增设假日",
    "outside working hours": "非工作时间",
    "paused": "暂停",
}


_ENGLISH: Mapping[str, str] = {
    "opened": "open",
    "soft_limit": "limit passed (in principle)",
    "rest_day": "rest day",
    "duty_allowance": "duty allowance",
    "weekly_rest": "weekly rest",
    "not_permitted": "not permitted",
    "rules": "other rules apply",
    "discretion": "question, sum at discretion",
    "review": "question",
    "waiver": "question whether to waive",
}
_LACKING = (
    (re.compile(r"^a log that carries (.+)"), r"登记 \1 的日志"),
    (re.compile(r"^a record (.+)"), r"台账 \1"),
    (re.compile(r"^(`.+?`) of (`.+?`)"), r"\2 的 \1"),
)
MOST_LISTED = 2
_SILENT = frozenset({("sanction", "imposed"), ("breach", "breached"), ("entitlement", "granted"), ("notice", "issued")})
_RUNNING = frozenset({"open", "set", "moved", "granted", "postponed"})


class Words:
    """Says a word in a language; English is the key itself."""

    def __init__(self, language: Language, pack: Pack) -> None:
        self._language = language
        self._pack = pack

    def __call__(self, word: str) -> str:
        """Return the word in the language."""
        if self._language is Language.EN:
            return _ENGLISH.get(word, word)
        return _CHINESE.get(word, word)

    def sums(self, outcome: Outcome) -> str:
        """Return what an outcome costs or brings: a sum, a range, a thing."""
        amount, currency = getattr(outcome, "amount", None), self._pack.currency
        low, high = getattr(outcome, "low", None), getattr(outcome, "high", None)
        parts: list[str] = []
        if amount is not None:
            parts += [f"{amount} {currency}"]
        elif low is not None or high is not None:
            bounds = [str(low) if low is not None else "", str(high) if high is not None else ""]
            between = f" {self('to')} "
            parts += [f"{between.join(bounds).strip()} {currency}"]
        parts += [str(value) for name in ("what", "step") if (value := getattr(outcome, name, None))]
        return " ".join(dict.fromkeys(parts))

    def line(self, outcome: Outcome, *, dated: bool = True) -> str:
        """Return an outcome in a few words: what it is, what it costs or brings, until when, how it stands."""
        due = getattr(outcome, "due", None) if dated else None
        lacks, asks = getattr(outcome, "lacks", ()), getattr(outcome, "asks", ())
        parts = [self(self._what(outcome)), self.sums(outcome)]
        parts += [self(outcome.status)] if (outcome.kind, outcome.status) not in _SILENT else []
        parts += [self("late")] if getattr(outcome, "late", False) else []
        parts += [f"{self('due')} {clock(due)}"] if due and outcome.status in _RUNNING else []
        parts += [f"({self('lacks')} {listed(tuple(map(self.lack, lacks)), MOST_LISTED)})"] if lacks else []
        parts += [f"({self('asks')} {self.people(asks)})"] if asks and outcome.status == "opened" else []
        return " ".join(part for part in parts if part)

    def people(self, names: tuple[str, ...]) -> str:
        """Return persons and offices, offices by their name in the language."""
        return ", ".join(office(name, self._pack, self._language) for name in names)

    def lack(self, text: str) -> str:
        """Return what an undecidable outcome lacks, in the language."""
        if self._language is Language.EN:
            return text
        for pattern, chinese in _LACKING:
            text = pattern.sub(chinese, text)
        return text

    def _what(self, outcome: Outcome) -> str:
        """Name an outcome by its kind, or more closely where it has a name of its own."""
        names = (getattr(outcome, name, None) for name in ("sanction", "grant", "question", "notice"))
        return next((name for name in names if name), outcome.kind)


def event_words(event: Event, pack: Pack) -> str:
    """Return an event without its time: who, what, and the fields, those left out that only have their default."""
    kind = pack.events[event.type]
    usual = {name for name, spec in kind.fields.items() if spec.has_default and event.data.get(name) == spec.default}
    person = kind.person or "person"
    fields = [f"{name}={_shown(value)}" for name, value in event.data.items() if name not in {person, *usual}]
    return " ".join([str(event.data.get(person, "")), event.type, *fields]).strip()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) or "-" if isinstance(value, tuple) else str(value)


def listed(names: tuple[str, ...], most: int) -> str:
    """Return names with commas between, and how many more there are."""
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def clock(instant: str) -> str:
    """Return an instant as people write it: day and time, without the offset."""
    return instant[:19].replace("T", " ")
