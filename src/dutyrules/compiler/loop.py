"""The part of a generated program that does not depend on its rules: order, deadlines, dispatch."""

from __future__ import annotations

from typing import Final

_FIRE: Final = '''
def fire(upto):
    """Let every deadline before an instant pass, in order of (due, opening), and set the alarm for the next."""
    nonlocal alarm, span
    late = range(span + 1, (upto >> 11) + 1)
    span = upto >> 11
    for one in sorted(one for one in wheel if one <= span) if len(late) > len(wheel) else late:
        for o in wheel.pop(one, ()):
            if o.state == 1:
                heappush(deadlines, (o.due, next(serial), o))
    latest, before = None, []
    while deadlines and deadlines[0][0] < upto:
        due, _serial, o = heappop(deadlines)
        if o.state == 1:
            if due == now:
                coinciding.after(o, crowd.at(now, last))
            if due == latest:
                coinciding.join(o, due, before)
            else:
                latest, before = due, []
            before.append(o)
            o.state = 2
            misses[type(o)](o, iso(due))
    alarm = min(deadlines[0][0], (span + 1 << 11) - 1) if deadlines else (span + 1 << 11) - 1

def soon(o):
    """Note a deadline in the span of time at hand, of which the wheel has been emptied."""
    nonlocal alarm
    heappush(deadlines, (o.due, next(serial), o))
    alarm = min(alarm, o.due)
'''
_TOGETHER: Final = """            if due == latest:
                coinciding.join(o, due, before)
            else:
                latest, before = due, []
            before.append(o)
"""
_HELD: Final = """
def tell():
    \"\"\"Say of duties missed a second before an instant that they were, unless the act came in that instant.\"\"\"
    for o, line in held:
        if o.state == 2:
            out(line)
    held.clear()

"""
_BEFORE: Final = "    latest, before = None, []\n"
_SOON: Final = "\ndef soon(o):\n"
_TURN: Final = """                if t >= turn:
                    turn = periods.turned(t)
                alarm = min(alarm, turn - 1)
"""
_RUN: Final = '''
def run(events, instants):
    """Take events in order of time, each at its instant."""
    nonlocal alarm, now, last, turn
    for e, t in zip(events, instants):
        if t > now:
            if t > alarm:
                fire(t)
                if t >= turn:
                    turn = periods.turned(t)
                alarm = min(alarm, turn - 1)
            now = t
        elif t == now:
            crowd.join(e, now, last)
        else:
            raise Late(e.id)
        handlers[type(e)](e, t)
        last = e

def finish(upto):
    """Let the clock run on to an instant."""
    fire(upto)

return run, finish
'''


_END: Final = '''    """Let the clock run on to an instant."""
    fire(upto)
'''
_FIRED: Final = "    fire(upto)\n"
_ROUNDED: Final = """    if clock.first is not None:
        reach(upto)
        rounds.settle(upto)
"""
_SETTLED: Final = """    if upto >= turn:
        periods.turned(upto)
"""


_BEGINS: Final = """                fire(t)
"""
_REACH: Final = """
def reach(upto):
    \"\"\"Let deadlines pass and periods begin, in order of time.\"\"\"
    nonlocal alarm
    following = rounds.reach(upto, fire)
    fire(upto)
    alarm = min(alarm, following)
"""
_ENDLESS: Final = """    if upto >= 1 << 62:
        raise Unsure("the end", "days go on")
"""
_LOOKED: Final = """    for due, _serial, o in [one for one in deadlines if one[0] == upto]:
        if type(o) in looks:
            misses[type(o)](o, iso(due))
"""


def loop(
    *,
    periods: bool,
    settles: bool = False,
    felt: bool = False,
    rounds: bool = False,
    looks: bool = False,
    beside: bool = True,
    held: bool = False,
) -> str:
    """Return the lines that take events in order; `periods`: there are counts that begin anew.

    `settles`: what is forgotten by the end of the log is looked at too. `felt`: of some misses nothing comes that
    events of the same instant could have seen; the others are in `felt`. `rounds`: there are duties of each period.
    `looks`: there are conditions to be looked at when an instant is over, the last one too. `beside`: of what is missed
    at one instant one may matter to another. `held`: what is told of some misses waits for an act a second later.
    """
    run = _RUN if periods else _RUN.replace(_TURN, "").replace("alarm, now, last, turn\n", "now, last\n")
    fire = _FIRE.replace("due == now:", "due == now and type(o) in felt:") if felt else _FIRE
    fire = fire if beside else fire.replace(_TOGETHER, "").replace(_BEFORE, "")
    if held:
        fire = _HELD + fire.replace("alarm, span\n", "alarm, span, near\n    tell()\n    near = upto - 1\n").lstrip(
            "\n"
        )
        fire = fire.replace(_SOON, "    if held:\n        alarm = min(alarm, upto)\n" + _SOON)
    fired = (_ROUNDED if rounds else _FIRED) + ("    tell()\n" if held else "")
    end = _END.replace(_FIRED, _ENDLESS + fired + _LOOKED if looks else fired) + (_SETTLED if settles else "")
    if rounds:
        run = run.replace(_BEGINS, _BEGINS.replace("fire", "reach"))
    return fire + (_REACH if rounds else "") + run.replace(_END, end)
