"""The small texts of a pack: facts, instants, periods, windows, sums, links and offices."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.calendars.durations import Duration, Unit
from dutyrules.policies import grammar, instants
from dutyrules.policies.diagnostics import CODES
from dutyrules.policies.faults import Fault, Refused
from dutyrules.policies.grammar import LinkText, Part, SumText, WindowText
from dutyrules.policies.model import WindowKind, Within
from dutyrules.policies.names import EVERY_FACT, Declared, Fields, RecordShape, Scopes, ValueType
from dutyrules.policies.syntax import (
    AtTime,
    DayOfNextMonth,
    EndOf,
    Expr,
    FactKind,
    Field,
    NextWorkingDay,
    Offset,
    PeriodSpec,
    ReadInstant,
    Scope,
    WeekdayOf,
)

DUTY = RecordShape("duty", ("person",), Fields({"date": ValueType("date"), "opened": ValueType("time")}))
SCOPES = Scopes(
    Declared(records={"duty": DUTY}),
    Fields({"duty_date": ValueType("date"), "post": ValueType("text")}).beside(EVERY_FACT),
    matter="duty",
    where="the trigger",
)
DAY = ReadInstant(Expr("duty_date", Field(Scope.FACT, "duty_date", None, "date"), "date"))
OPENED = ReadInstant(Expr("duty.opened", Field(Scope.MATTER, "opened", "duty", "time"), "time"))


def days(amount: int) -> Duration:
    """Return a number of days."""
    return Duration(amount, Unit.DAY)


def instant(text: str):
    """Return the instant that a text says."""
    return instants.read_instant(Part(text, 0), SCOPES)


def refused(read, text: str) -> Fault:
    """Return the fault for which a text is refused."""
    with pytest.raises(Refused) as caught:
        read(text)
    return caught.value.fault


# --- facts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "names", "where", "first"),
    [
        ("check_in", FactKind.EVENT, ["check_in"], None, False),
        ("first check_in", FactKind.EVENT, ["check_in"], None, True),
        ("check_in where post == '2F'", FactKind.EVENT, ["check_in"], "post == '2F'", False),
        ("breach of 4.1-late", FactKind.BREACH, ["4.1-late"], None, False),
        ("breach of [4.1-late, R10,  x]", FactKind.BREACH, ["4.1-late", "R10", "x"], None, False),
        ("fulfilment of a where not act.present", FactKind.FULFILMENT, ["a"], "not act.present", False),
        ("excuse of [5.2C-tiers]", FactKind.EXCUSE, ["5.2C-tiers"], None, False),
        ("end of duty", FactKind.END, ["duty"], None, False),
        ("  check_in\n  where\n  upheld ", FactKind.EVENT, ["check_in"], "upheld", False),
        ("finding where code == 'a where b'", FactKind.EVENT, ["finding"], "code == 'a where b'", False),
        ("收到投诉", FactKind.EVENT, ["收到投诉"], None, False),
    ],
)
def test_a_fact_is_read(text, kind, names, where, first):
    """a fact is split into kind, names and condition"""
    read = grammar.read_fact(text)
    assert (read.kind, [name.text for name in read.names], read.where and read.where.text, read.first) == (
        *(kind, names, where, first),
    )


@pytest.mark.parametrize("text", ["breach of [a, bb] where x", "  first   check_in  where  y == 3"])
def test_parts_know_where_they_stand(text):
    """each part of a fact knows its offset in the text"""
    read = grammar.read_fact(text)
    for part in (*read.names, read.where):
        assert text[part.start : part.start + len(part.text)] == part.text


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("braech of x", "did you mean `breach`"),
        ("check in", None),
        ("check_in where", None),
        ("breach of", None),
        ("breach of [a,]", None),
        ("", None),
        ("first", ""),
        ("end of the duty", None),
        ("check_in, check_out", None),
    ],
)
def test_what_is_no_fact_is_refused(text, help_):
    """a text that says no fact is refused as such, but for a single word, which may be an event type"""
    if help_ == "":
        assert grammar.read_fact(text).names[0].text == text
        return
    fault = refused(grammar.read_fact, text)
    assert fault.code == "DR214"
    assert help_ in (None, fault.help)


# --- instants ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("duty_date", DAY),
        ("duty.opened", OPENED),
        ("18:00 on duty_date", AtTime(dt.time(18), DAY)),
        ("08:30:15 on duty_date", AtTime(dt.time(8, 30, 15), DAY)),
        ("2 days after duty_date", Offset(days(2), forward=True, base=DAY)),
        ("7 days before duty_date", Offset(days(7), forward=False, base=DAY)),
        ("15 minutes after duty.opened", Offset(Duration(15, Unit.MINUTE), forward=True, base=OPENED)),
        (
            "1 month after 3 months before duty_date",
            Offset(
                Duration(1, Unit.MONTH), forward=True, base=Offset(Duration(3, Unit.MONTH), forward=False, base=DAY)
            ),
        ),
        ("00:00 on 1 day before duty_date", AtTime(dt.time(0), Offset(days(1), forward=False, base=DAY))),
        ("day 10 of next month", DayOfNextMonth(10)),
        ("08:20 on next working day after duty_date", AtTime(dt.time(8, 20), NextWorkingDay(DAY))),
        ("Thursday of the week", WeekdayOf(3)),
        ("friday of the next week", WeekdayOf(4, next=True)),
        ("12:00 on Monday of the week", AtTime(dt.time(12), WeekdayOf(0))),
        ("end of duty_date", EndOf(DAY)),
        ("end of the period", EndOf(None)),
        ("1 day before end of the period", Offset(days(1), forward=False, base=EndOf(None))),
    ],
)
def test_an_instant_is_read(text, tree):
    """an instant is read into its parts"""
    assert instant(text) == tree


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("soon", "DR305", "soon"),
        ("as soon as possible", "DR212", "as soon as possible"),
        ("25:00 on duty_date", "DR210", "25:00"),
        ("24:00 on duty_date", "DR210", "24:00"),
        ("08:00 next day on duty_date", "DR210", "08:00 next day"),
        ("18:00 on soon", "DR305", "soon"),
        ("2 wekks after duty_date", "DR209", "2 wekks"),
        ("1.5 days after duty_date", "DR209", "1.5 days"),
        ("200 years after duty_date", "DR209", "200 years"),
        ("day 0 of next month", "DR220", "0"),
        ("day 32 of next month", "DR220", "32"),
        ("day 99999 of next month", "DR220", "99999"),
        ("Fryday of the week", "DR212", "Fryday"),
        ("post", "DR413", "post"),
        ("duty_date+1", "DR404", "duty_date"),
        ("3", "DR413", "3"),
        ("1 day after " * 9 + "duty_date", "DR212", "duty_date"),
        ("", "DR212", ""),
    ],
)
def test_what_is_no_instant_is_refused(text, code, at):
    """a text that says no instant is refused where it goes wrong"""
    fault = refused(instant, text)
    assert (fault.code, text[fault.start :][: len(at)]) == (code, at)


# --- periods, limits, windows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("month", PeriodSpec("month")),
        ("half_month", PeriodSpec("half_month")),
        ("1 month from duty_date for 1 year", PeriodSpec(None, Duration(1, Unit.MONTH), DAY, Duration(1, Unit.YEAR))),
        (
            "3 months from 1 year after duty_date",
            PeriodSpec(None, Duration(3, Unit.MONTH), Offset(Duration(1, Unit.YEAR), forward=True, base=DAY)),
        ),
    ],
)
def test_a_period_is_read(text, spec):
    """a period is one of the calendar, or a step from a day"""
    assert instants.read_period(text, SCOPES) == spec


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mouth", "DR213"),
        ("2 hours from duty_date", "DR213"),
        ("0 days from duty_date", "DR213"),
        ("2 months", "DR213"),
    ],
)
def test_what_is_no_period_is_refused(text, code):
    """a text that says no period, or one of hours or of nothing, is refused"""
    assert refused(lambda each: instants.read_period(each, SCOPES), text).code == code


def test_a_limit_may_say_of_what():
    """`within` takes a duration, and the instant from which it runs"""
    assert instants.read_within("2h", SCOPES) == Within(Duration(2, Unit.HOUR), None)
    assert instants.read_within("2 working days of duty.opened", SCOPES) == Within(
        Duration(2, Unit.WORKING_DAY), OPENED
    )
    assert refused(lambda each: instants.read_within(each, SCOPES), "2 hours of soon").code == "DR305"


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("open", WindowText(WindowKind.OPEN)),
        ("month", WindowText(WindowKind.MONTH)),
        ("month of swap.duty_date", WindowText(WindowKind.MONTH, Part("swap.duty_date", 9))),
        ("1 year", WindowText(WindowKind.ROLLING, rolling=Duration(1, Unit.YEAR))),
    ],
)
def test_a_window_is_read(text, window):
    """a window is `open`, a period, a period of a date, or a look back"""
    assert grammar.read_window(text) == window


@pytest.mark.parametrize(
    ("text", "code"), [("mnoth", "DR213"), ("moon of date", "DR213"), ("1 yaer", "DR209"), ("", "DR213")]
)
def test_what_is_no_window_is_refused(text, code):
    """a text that says no window is refused"""
    assert refused(grammar.read_window, text).code == code


def test_a_spread_names_two_fields():
    """`spread` names the first and the last day, even where a field is called `to`"""
    assert grammar.read_spread("from to to") == ("from", "to")
    assert refused(grammar.read_spread, "from").code == "DR213"


# --- sums, links, offices ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("50", SumText(Part("50", 0))),
        ("40 each", SumText(Part("40", 0), each=True)),
        ("duty_fine each", SumText(Part("duty_fine", 0), each=True)),
        ("1% of wage.base_wage", SumText(Part("1", 0), percent_of=Part("wage.base_wage", 6))),
        ("rate percent of wage", SumText(Part("rate", 0), percent_of=Part("wage", 16))),
        ("a + b", SumText(Part("a + b", 0))),
    ],
)
def test_a_sum_is_read(text, read):
    """a sum is an amount, perhaps for each, perhaps a percentage"""
    assert grammar.read_sum(text) == read


@pytest.mark.parametrize("text", ["1%", "% of wage"])
def test_a_percentage_of_nothing_is_refused(text):
    """a percentage says of what"""
    assert refused(grammar.read_sum, text).code == "DR221"


def test_a_link_is_read():
    """a link names a record, the field that leads to it, and may say how long before and under which condition"""
    read = grammar.read_link("latest off_post of about within 24h if kind == 'absent'")
    assert read == LinkText(
        Part("off_post", 7), Part("about", 19), Duration(24, Unit.HOUR), Part("kind == 'absent'", 39)
    )
    assert grammar.read_link("latest off_post of about") == LinkText(Part("off_post", 7), Part("about", 19), None, None)
    assert refused(grammar.read_link, "the off_post of about").code == "DR214"
    assert refused(grammar.read_link, "latest off_post of about within 24").code == "DR209"


def test_an_office_may_be_that_of_a_section():
    """`head of dept` is the office of what a field names"""
    assert grammar.read_office("head of dept") == ("head", Part("dept", 8))
    assert grammar.read_office("payroll") is None


READERS = [
    grammar.read_fact,
    grammar.read_window,
    grammar.read_spread,
    grammar.read_sum,
    grammar.read_link,
    grammar.read_office,
    instant,
    lambda text: instants.read_within(text, SCOPES),
    lambda text: instants.read_period(text, SCOPES),
]
PIECES = st.sampled_from(
    [
        "first",
        "breach",
        "of",
        "end",
        "where",
        "latest",
        "within",
        "if",
        "day",
        "month",
        "from",
        "for",
        "on",
        "after",
        "before",
        "next",
        "working",
        "week",
        "the",
        "period",
        "each",
        "%",
        "18:00",
        "2h",
        "3",
        "days",
        "duty_date",
        "duty.opened",
        "post",
        "[",
        "]",
        ",",
        "(",
        ")",
        "==",
        "'",
        "x",
        "10",
        "Friday",
        "1",
        "year",
        "percent",
        "\n",
    ]
)


@pytest.mark.parametrize("read", READERS)
@given(text=st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_read_or_refused(read, text):
    """whatever stands there, it is read or refused at a place inside it"""
    try:
        read(text)
    except Refused as caught:
        fault = caught.fault
        assert fault.code in CODES
        assert 0 <= fault.start <= len(text)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", [" " * 2400 + "x", "a of " * 480, "x from " * 350, "1 of 2 % " * 270, "y" * 3000])
def test_a_hostile_text_is_answered_at_once(read, text):
    """very long texts and wide gaps are read or refused without search"""
    with suppress(Refused):
        read(text)
