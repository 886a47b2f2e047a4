"""The words of the command line in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dutyrules.cli.inputs import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.outcomes import Outcome

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
}


MOST_LISTED = 2
_SILENT = frozenset({("sanction", "imposed"), ("breach", "breached"), ("entitlement", "granted"), ("notice", "issued")})
_RUNNING = frozenset({"open", "set", "moved", "granted", "postponed"})


class Words:
    """Says a word in a language; English is the key itself."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def __call__(self, word: str) -> str:
        """Return the word in the language."""
        return _CHINESE.get(word, word) if self._language is Language.ZH else word

    def sums(self, outcome: Outcome) -> str:
        """Return what an outcome costs or brings: a sum, a range, a thing."""
        amount, currency = getattr(outcome, "amount", None), getattr(outcome, "currency", None) or ""
        low, high = getattr(outcome, "low", None), getattr(outcome, "high", None)
        parts: list[Any] = []
        if amount is not None:
            parts += [self("proposal")] if outcome.status == "proposed" else []
            parts += [f"{amount} {currency}".strip()]
        elif low is not None or high is not None:
            parts += [f"{low if low is not None else ''} {self('to')} {high if high is not None else ''}".strip()]
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
        parts += [f"({self('lacks')} {_listed(lacks)})"] if lacks else []
        parts += [f"({self('asks')} {', '.join(asks)})"] if asks and outcome.status == "opened" else []
        return " ".join(part for part in parts if part)

    def _what(self, outcome: Outcome) -> str:
        """Name an outcome by its kind, or more closely where it has a name of its own."""
        names = (getattr(outcome, name, None) for name in ("sanction", "grant", "question", "notice"))
        return next((name for name in names if name), outcome.kind)


def _listed(names: tuple[str, ...]) -> str:
    more = f" +{len(names) - MOST_LISTED}" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def clock(instant: str) -> str:
    """Return an instant as people write it: day and time, without the offset."""
    return instant[:19].replace("T", " ")
