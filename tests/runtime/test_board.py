"""What stands, as cells make it."""

from __future__ import annotations

from dutyrules.outcomes import Notice
from dutyrules.runtime.board import Board

NOW = "2026-01-01T00:00:00+08:00"


def notice(text: str) -> Notice:
    """Return a new outcome that says something."""
    return Notice(
        kind="notice",
        status="issued",
        id="n",
        time=NOW,
        pack="p",
        rule="r",
        clause="1",
        person="ann",
        matter="job:j1",
        because=("e1",),
        notice="soft_limit",
        detail=text,
    )


def test_of_two_equal_outcomes_the_old_one_stays() -> None:
    """what a cell makes again is no change, and the cell goes on holding what it had made; what differs is one"""
    board, first, again, other = Board(), {"n": notice("a")}, {"n": notice("a")}, {"n": notice("b")}
    board.hand_over({}, first)
    assert board.changes(NOW, "withdrawn") == [first["n"]]
    board.hand_over(first, again)
    assert again["n"] is first["n"]
    assert board.changes(NOW, "withdrawn") == []
    board.hand_over(again, other)
    assert board.changes(NOW, "withdrawn") == [other["n"]]
    board.hand_over(other, {})
    assert [one.status for one in board.changes(NOW, "withdrawn")] == ["withdrawn"]
