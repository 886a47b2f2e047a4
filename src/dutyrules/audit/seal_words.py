"""The words of seals and verdicts in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dutyrules.audit.verification import Difference, Remark

LISTS: Final[Mapping[str, tuple[str, str]]] = {
    "events": ("events", "事件"),
    "outcomes": ("outcomes", "结果"),
    "replay": ("replay", "重算"),
}
QUESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "signature": ("signature", "签名"),
    "integrity": ("integrity", "完好"),
    "completeness": ("completeness", "齐全"),
    "recomputability": ("recomputability", "可重算"),
    "holds": ("holds", "成立"),
    "fails": ("FAILS", "不成立"),
    "open": ("open", "无法确定"),
}
REMARKS: Final[Mapping[str, tuple[str, str]]] = {
    "signed": ("signed by the key {key} ({method})", "由密钥 {key} 签名（{method}）"),
    "signed_otherwise": (
        "the signature is not that of this manifest and this key",
        "签名与本清单、本密钥不符",
    ),
    "not_signed": ("the manifest is not signed, and it was to be", "清单没有签名，而本应有签名"),
    "no_signature": (
        "the manifest is not signed: whoever can write it can seal anew",
        "清单未签名：能改写清单者即可重新封存",
    ),
    "no_key": ("signed ({method}, key {key}); `--key` checks it", "已签名（{method}，密钥 {key}）；用 `--key` 核验"),
    "same_bytes": ("{records}: the {found} records that were sealed", "{records}：与封存的 {found} 条记录一致"),
    "same_records": (
        "{records}: the {found} records that were sealed, in a file that is written otherwise (line ends, empty lines)",
        "{records}：与封存的 {found} 条记录一致，但文件写法不同（换行、空行）",
    ),
    "other_records": (
        "{records}: not the records that were sealed ({sealed} sealed, {found} found)",
        "{records}：与封存的记录不一致（封存 {sealed} 条，现有 {found} 条）",
    ),
    "no_leaves": (
        "which records differ cannot be told: the file of leaves beside the manifest is missing",
        "无法指出是哪些记录：清单旁的叶子文件缺失",
    ),
    "leaves_differ": (
        "which records differ cannot be told: the file of leaves is not the one that was sealed",
        "无法指出是哪些记录：叶子文件不是封存时的那一份",
    ),
    "missing": ("{records}: sealed records that are missing: {count}", "{records}：缺少 {count} 条已封存的记录"),
    "none_missing": ("{records}: no sealed record is missing", "{records}：已封存的记录无一缺失"),
    "head_agrees": (
        "{records}: the head kept elsewhere is that of the manifest, {size} records",
        "{records}：另行保存的头与清单一致，{size} 条记录",
    ),
    "head_earlier": (
        "{records}: the head's {size} records are the first of the {sealed} sealed ones; what followed cannot be known",
        "{records}：另行保存的头所含 {size} 条记录是封存的 {sealed} 条记录的开头；其后的情况无法得知",
    ),
    "head_cut_off": (
        "{records}: the head has {size} records and the manifest {sealed}: the end was cut off and sealed anew",
        "{records}：另行保存的头有 {size} 条记录，清单只有 {sealed} 条：末尾被截去后重新封存",
    ),
    "head_differs": (
        "{records}: the first {size} records are not those of the head: they were changed and sealed anew",
        "{records}：前 {size} 条记录与另行保存的头不符：被改动后重新封存",
    ),
    "head_unproven": (
        "{records}: without the file of leaves nothing proves that the head's {size} records are among the sealed ones",
        "{records}：没有叶子文件，无法证明头所含 {size} 条记录在封存之列",
    ),
    "no_head": (
        "{records}: whether file and manifest were cut off together only a head kept elsewhere can tell (`--head`)",
        "{records}：文件与清单是否一并被截短，只有另行保存的头（`--head`）才能证明",
    ),
    "before_the_seal": (
        "what never reached the files before they were sealed no seal can miss",
        "封存之前就未进入文件的内容，任何封存都无从发现",
    ),
    "recomputed": ("the replay gives exactly these {found} outcomes", "重算恰好得出这 {found} 条结果"),
    "recomputed_differs": (
        "the replay gives {replayed} outcomes and the file has {found}; {count} records differ",
        "重算得出 {replayed} 条结果，文件有 {found} 条；{count} 条记录不同",
    ),
    "newer_calendar": (
        "{count} years of the calendar came after the seal, which can be the reason",
        "日历在封存之后增加了 {count} 个年份，可能是原因",
    ),
    "no_pack": ("not tried: name the pack with `--pack`", "未重算：请用 `--pack` 指明规则包"),
    "other_pack": (
        "not tried: the pack is not the sealed one (digest {now}… and not {sealed}…)",
        "未重算：规则包不是封存时的那一份（摘要 {now}…，而非 {sealed}…）",
    ),
    "other_mapping": ("not tried: the mapping of columns is not the sealed one", "未重算：列映射不是封存时的那一份"),
    "other_calendar": ("not tried: the calendar's data are not the sealed ones", "未重算：日历数据不是封存时的那一份"),
    "other_engine": (
        "not tried: the engine decides otherwise than the sealed one (release {now} and not {sealed})",
        "未重算：引擎的判定方式与封存时不同（版本 {now}，而非 {sealed}）",
    ),
    "other_key": (
        "not tried: the outcomes were made with another key of pseudonyms, or with none (`--pseudonymise`)",
        "未重算：结果所用的化名密钥不同，或未使用（`--pseudonymise`）",
    ),
}
CHANGES: Final[Mapping[str, tuple[str, str]]] = {
    "edited": ("record {sealed} was edited", "第 {sealed} 条被改动"),
    "dropped": ("record {sealed} was dropped", "第 {sealed} 条被删去"),
    "inserted": ("a record was inserted as number {found}", "插入了一条，成为第 {found} 条"),
    "moved": ("record {sealed} was moved and is now number {found}", "第 {sealed} 条被移动，现为第 {found} 条"),
    "truncated": ("record {sealed} was cut off at the end", "末尾的第 {sealed} 条被截去"),
    "appended": ("a record was added at the end as number {found}", "末尾增加了一条，成为第 {found} 条"),
}
REPLAYED: Final[Mapping[str, tuple[str, str]]] = {
    "edited": ("outcome {sealed} of the file is otherwise in the replay", "文件的第 {sealed} 条与重算不同"),
    "dropped": ("outcome {sealed} of the file is not in the replay", "文件的第 {sealed} 条在重算中没有"),
    "inserted": ("outcome {found} of the replay is not in the file", "重算的第 {found} 条在文件中没有"),
    "moved": (
        "outcome {sealed} of the file is number {found} in the replay",
        "文件的第 {sealed} 条在重算中是第 {found} 条",
    ),
    "truncated": (
        "outcome {sealed} of the file comes after the replay has ended",
        "文件的第 {sealed} 条在重算结束之后",
    ),
    "appended": ("outcome {found} of the replay comes after the file has ended", "重算的第 {found} 条在文件结束之后"),
}


def word(name: str, language: str) -> str:
    """Return a question, a status or the name of a list in a language."""
    return (QUESTIONS.get(name) or LISTS[name])[language == "zh"]


def remark_text(remark: Remark, language: str) -> str:
    """Return a remark in a language."""
    values = {key: LISTS[str(one)][language == "zh"] if key == "records" else one for key, one in remark.values.items()}
    return REMARKS[remark.name][language == "zh"].format(**values)


def difference_text(one: Difference, language: str) -> str:
    """Return what was done to a record in a language."""
    said = (REPLAYED if one.records == "replay" else CHANGES)[one.change][language == "zh"]
    colon = "：" if language == "zh" else ": "
    return f"{word(one.records, language)}{colon}{said.format(sealed=one.sealed, found=one.found)}"
