"""The words of an audit in two languages: verdicts, columns, and a sentence for each reason."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dutyrules.audit.findings import Verdict
from dutyrules.outcomes import short_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.audit.findings import Difference, Match, Reason

EN: Final = 0
ZH: Final = 1
_NOBODY: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({})
LANGUAGES: Final = {"en": EN, "zh": ZH}

VERDICTS: Final[Mapping[str, tuple[str, str]]] = {
    Verdict.AGREES: ("agrees", "相符"),
    Verdict.DIFFERS: ("differs", "不符"),
    Verdict.NOT_DEMANDED: ("not demanded", "无据"),
    Verdict.CANNOT: ("cannot be recomputed", "无法复算"),
    Verdict.MISSING: ("missing", "缺漏"),
    Verdict.PENDING: ("pending", "待定"),
}
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "verdict": ("verdict", "结论"),
    "kind": ("kind", "类别"),
    "person": ("person", "当事人"),
    "matter": ("matter", "事项"),
    "date": ("date", "日期"),
    "amount": ("amount", "金额"),
    "step": ("step", "处分"),
    "rule": ("rule", "条款"),
    "reference": ("reference", "文号"),
    "decided_on": ("decided on", "决定日期"),
    "decided_amount": ("amount decided", "决定金额"),
    "demanded_from": ("demanded from", "应作出日期"),
    "demanded_by": ("demanded by", "最迟日期"),
    "demanded_amount": ("amount demanded", "应有金额"),
    "clause": ("clause", "条文"),
    "differences": ("what differs", "差异"),
    "why": ("why", "理由"),
    "match": ("put to the outcome", "对应依据"),
    "decision": ("decision", "决定编号"),
    "place": ("place", "出处"),
    "outcome": ("outcome", "结果编号"),
    "decisions": ("decisions", "决定"),
    "demands": ("demanded", "应有"),
    "total": ("total", "合计"),
    "unread": ("not read", "未能读取"),
    "decided_sum": ("decided", "已决定"),
    "demanded_sum": ("demanded", "应有"),
    "difference": ("difference", "差额"),
    "money": ("money", "金额合计"),
    "log": ("log", "日志"),
    "none": ("none", "无"),
    "more": ("… and {count} more", "……另有{count}项"),
    "open": ("open", "待履行"),
    "fulfilled": ("fulfilled", "已履行"),
    "fulfilled late": ("fulfilled late", "逾期履行"),
    "breached": ("breached", "违反"),
    "waived": ("waived", "免除"),
    "cancelled": ("cancelled", "取消"),
}
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "unread": ("the row cannot be read: {reason}", "该行无法读取：{reason}"),
    "no_events": ("the log holds no event", "日志中没有事件"),
    "beyond": (
        "it lies after {ends}, where the log ends; `--as-of` may say that nothing else happened until later",
        "晚于日志终点{ends}；如此后确无其他事件，可用 `--as-of` 声明",
    ),
    "before": ("it lies before {begins}, where the log begins", "早于日志起点{begins}"),
    "no_rule": ("the pack has no rule or clause `{rule}`", "规则包中没有条款 `{rule}`"),
    "set_aside": ("event {event} could not be used: {code} {why}", "事件 {event} 未能采用：{code} {why}"),
    "undecidable": ("{rule} cannot be decided [{id}]: it lacks {lacks}", "{rule} 无法判定 [{id}]：缺少 {lacks}"),
    "discretion": (
        "the sum of {rule} is at somebody's discretion, {low} to {high}, and no ruling is in the log [{id}]",
        "{rule} 的金额由人酌定（{low} 至 {high}），日志中没有裁定 [{id}]",
    ),
    "question": (
        "{rule} waits for the answer of a person ({asks}), and no ruling is in the log [{id}]",
        "{rule} 须由人答复（{asks}），日志中没有裁定 [{id}]",
    ),
    "ended_waived": ("{rule} was waived on {date} [{id}]", "{rule} 已于{date}免除 [{id}]"),
    "ended_cancelled": ("{rule} was cancelled on {date} [{id}]", "{rule} 已于{date}取消 [{id}]"),
    "ended_voided": ("{rule} was voided on {date} [{id}]", "{rule} 已于{date}作废 [{id}]"),
    "ended_withdrawn": ("{rule} was withdrawn on {date} [{id}]", "{rule} 已于{date}撤回 [{id}]"),
    "ended_retracted": (
        "{rule} was retracted on {date}, since the log was corrected [{id}]",
        "日志更正后，{rule} 已于{date}撤销 [{id}]",
    ),
    "nothing_of_matter": ("{rules} demanded nothing of {matter}", "{rules} 对 {matter} 没有要求"),
    "nothing_of_person": ("{rules} demanded nothing of {person}", "{rules} 对 {person} 没有要求"),
    "out_of_reach": (
        "the nearest demand is {rule} of {date} [{id}], {days} days away and beyond the reach of {reach}",
        "最近的要求是 {date} 的 {rule} [{id}]，相距 {days} 天，超出 {reach} 天的对应范围",
    ),
    "too_early": (
        "the nearest demand is {rule} of {date} [{id}], which arose {days} days later",
        "最近的要求是 {date} 的 {rule} [{id}]，在 {days} 天之后才产生",
    ),
    "twice": (
        "{rule} of {date} [{id}] was answered already, by {other} on {on}",
        "{date} 的 {rule} [{id}] 已由 {other}（{on}）作出",
    ),
    "above": ("{rule} was {status}, {date} [{id}]", "{rule} 的结果：{status}，{date} [{id}]"),
    "log_has": (
        "the log shows it done on {date}, and no decision is recorded [{id}]",
        "日志显示已于{date}办理，但没有相应记录 [{id}]",
    ),
    "no_deadline": ("it has no deadline, and nothing is recorded yet", "没有期限，尚无记录"),
    "not_yet": ("there is time until {last}, after the log's end", "期限为{last}，晚于日志终点"),
    "none_recorded": ("nothing is recorded by {last}", "截至{last}没有记录"),
}


class AuditWords:
    """Says verdicts, reasons and differences in a language, `en` or `zh`; offices and kinds have names of their own."""

    def __init__(
        self,
        language: str,
        roles: Mapping[str, Mapping[str, str]] = _NOBODY,
        kinds: Mapping[str, Mapping[str, str]] = _NOBODY,
    ) -> None:
        self._language = language
        self._index = LANGUAGES[language]
        self._roles = roles
        self._kinds = kinds

    def __call__(self, word: str) -> str:
        """Return a word."""
        return WORDS[word][self._index]

    def verdict(self, verdict: Verdict) -> str:
        """Return the name of a verdict."""
        return VERDICTS[verdict][self._index]

    def person(self, name: str) -> str:
        """Return a person, or an office by its name in the language."""
        return self._roles.get(name, {}).get(self._language, name)

    def kind(self, name: str) -> str:
        """Return a kind of decision by its name in the language."""
        return self._kinds.get(name, {}).get(self._language, name)

    def reason(self, reason: Reason) -> str:
        """Return a reason as a sentence, with the short form of an outcome's id."""
        values = dict(reason.values)
        if "id" in values:
            values["id"] = short_id(values["id"])
        if "status" in values:
            values["status"] = self(values["status"])
        hint = values.get("hint")
        return REASONS[reason.code][self._index].format(**values) + (f" ({hint})" if hint else "")

    def difference(self, one: Difference) -> str:
        """Return what differs: what was decided, what was demanded, and how far dates are apart."""
        decided, demanded = (text or self("none") for text in (one.decided, one.demanded))
        if one.part == "person":
            decided, demanded = self.person(decided), self.person(demanded)
        if self._index == ZH:
            return f"{self(one.part)}：决定 {decided}，应为 {demanded}{self._apart(one.days)}"
        return f"{self(one.part)}: decided {decided}, demanded {demanded}{self._apart(one.days)}"

    def _apart(self, days: int | None) -> str:
        if days is None:
            return ""
        if not days:
            return ("; some hours late", "；迟数小时")[self._index]
        word = ("early", "late")[days > 0] if self._index == EN else ("早", "迟")[days > 0]
        if self._index == ZH:
            return f"；{word}{abs(days)}天"
        return f"; {abs(days)} {'day' if abs(days) == 1 else 'days'} {word}"

    def match(self, match: Match) -> str:
        """Return why a decision was put to its outcome."""
        if self._index == ZH:
            told = f"{self(match.by)}一致，相距{abs(match.days)}天"
            return told + (f"，另有{match.rivals}项在范围内" if match.rivals else "")
        days = "day" if abs(match.days) == 1 else "days"
        told = f"the {self(match.by)} agrees, {abs(match.days)} {days} off"
        return told + (f", {match.rivals} other in reach" if match.rivals else "")
