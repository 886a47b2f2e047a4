"""What programs spend most of their time with, as the module in C has it or, where that is not built, in Python.

Without it no line is found to have the plain form: whoever asks has a general way for all other lines, which comes to
the same.
"""

from __future__ import annotations

try:
    from dutyrules.compiler._lines import Output, events, reader, slotted
except ImportError:
    from dutyrules.compiler.unbuilt import Output, events, reader, slotted  # type: ignore[assignment] # the same

    IS_BUILT = False
else:
    IS_BUILT = True


__all__ = ["IS_BUILT", "Output", "events", "reader", "slotted"]
