"""What is said of rulings that answer nothing, by the engine and by programs alike; light to import."""

from __future__ import annotations

from typing import Final

CODE: Final = "DR622"
ABOUT_NOTHING: Final = (CODE, "the ruling does not say what it is about")


def no_question(about: str, found: str = "is open") -> tuple[str, str]:
    """Return the code and the words for a ruling about what no question is asked of; `found`: what no question is."""
    return CODE, f"no question about `{about}` {found}"
