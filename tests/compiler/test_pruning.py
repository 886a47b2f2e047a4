"""Slots that nobody reads: gone from classes, from what fills them, and from nowhere else."""

from __future__ import annotations

import ast
from textwrap import dedent

from dutyrules.compiler.pruning import Slots, pruned

SLOTS = {"Record_a": ("name", "start", "remark", "seen"), "Duty_b": ("state", "remark")}
OPENS = dedent("""\
    def opens(t):
        r1 = table[t] = Record_a(f(t), t, g(t), t)
        r1.duty = Duty_b(1, r1)
        r1.remark = t
        r1.seen = t""").splitlines()
READS = dedent("""\
    def reads(r1):
        return r1.name if r1.start else r1.duty.state""").splitlines()


def lines_of(functions: list[list[str]], slots: Slots) -> tuple[list[list[str]], Slots]:
    """return functions and classes pruned, as lines"""
    trees, kept = pruned([ast.parse("\n".join(lines)) for lines in functions], slots, {"seen"})
    return [ast.unparse(tree).splitlines() for tree in trees], kept


def test_a_slot_that_nobody_reads_goes() -> None:
    """the class, the making of one and what is written to one lose a slot that no function reads"""
    functions, slots = lines_of([OPENS, READS], SLOTS)
    assert slots == {"Record_a": ("name", "start", "seen"), "Duty_b": ("state",)}
    assert functions[0] == [
        "def opens(t):",
        "    r1 = table[t] = Record_a(f(t), t, t)",
        "    r1.duty = Duty_b(1)",
        "    r1.seen = t",
    ]
    assert functions[1] == READS


def test_a_slot_that_one_function_reads_stays() -> None:
    """a slot that any function reads is kept in every class that has it"""
    functions, slots = lines_of([OPENS, READS, ["def more(o):", "    return o.remark"]], SLOTS)
    assert slots == SLOTS
    assert functions[0] == OPENS


def test_a_line_that_does_nothing_stays_where_a_block_has_no_other() -> None:
    """what fills a slot that goes leaves nothing behind, but for a branch that has to have something"""
    text = """\
def both(r1):
    if r1.name:
        r1.remark = 1
    else:
        r1.remark = 2
        pass
    r1.remark = 3
    return r1.start"""
    functions, _slots = lines_of([text.splitlines()], SLOTS)
    assert functions[0] == ["def both(r1):", "    if r1.name:", "        pass", "    return r1.start"]
