"""The closed list of functions that an expression may call."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from dutyrules.policies.names import ANY, BOOL, DATE, LIST, NUMBER, TEXT, TIME, ValueType

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@frozen
class Signature:
    """A function's parameters (each the type names that it takes), how many may be left out, and its result."""

    parameters: tuple[tuple[str, ...], ...]
    result: ValueType
    optional: int = 0
    repeats: bool = False

    def accepts(self, count: int) -> bool:
        """Tell whether a call may have so many arguments."""
        least = len(self.parameters) - self.optional
        return count >= least and (self.repeats or count <= len(self.parameters))

    def parameter(self, index: int) -> tuple[str, ...]:
        """Return the types that the argument at an index may have."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    @property
    def words(self) -> str:
        """Say how many arguments a call has."""
        most = len(self.parameters)
        if self.repeats:
            return f"{most} arguments or more"
        least = most - self.optional
        plural = "" if most == 1 else "s"
        return f"{most} argument{plural}" if least == most else f"{least} to {most} arguments"


_NUMBER: Final = ((NUMBER,),)
FUNCTIONS: Final = {
    "floor": Signature(_NUMBER, ValueType(NUMBER)),
    "ceil": Signature(_NUMBER, ValueType(NUMBER)),
    "abs": Signature(_NUMBER, ValueType(NUMBER)),
    "round": Signature(((NUMBER,), (NUMBER,)), ValueType(NUMBER), optional=1),
    "min": Signature(((NUMBER,), (NUMBER,)), ValueType(NUMBER), repeats=True),
    "max": Signature(((NUMBER,), (NUMBER,)), ValueType(NUMBER), repeats=True),
    "weekday": Signature(((DATE,),), ValueType(TEXT, WEEKDAYS)),
    "age": Signature(((DATE,), (DATE,)), ValueType(NUMBER), optional=1),
    "days_between": Signature(((DATE,), (DATE,)), ValueType(NUMBER)),
    "month_of": Signature(((DATE, TIME),), ValueType(TEXT)),
    "year_of": Signature(((DATE, TIME),), ValueType(NUMBER)),
    "hour_of": Signature(((TIME,),), ValueType(NUMBER)),
    "is_working_day": Signature(((DATE,),), ValueType(BOOL)),
    "includes": Signature(((LIST,), (LIST,)), ValueType(BOOL)),
    "known": Signature(((ANY,),), ValueType(BOOL)),
}
"""`any`, `open` and the pack's counts are called too; they are no functions, since they look into records."""
