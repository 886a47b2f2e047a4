"""Expressions: what they say, what they refuse, and that nothing in them can run."""

from __future__ import annotations

import ast
import datetime as dt
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dutyrules.policies.expressions as module
from dutyrules.policies.diagnostics import CODES
from dutyrules.policies.expressions import read_expression
from dutyrules.policies.names import (
    EVERY_FACT,
    CountShape,
    Declared,
    Fields,
    RecordShape,
    Scopes,
    ValueShape,
    ValueType,
)
from dutyrules.policies.syntax import (
    AnyRecord,
    Arithmetic,
    Call,
    Compare,
    CountRef,
    Field,
    Listing,
    Literal,
    Logic,
    Negative,
    Not,
    OpenCount,
    ParameterRef,
    Scope,
    ValueRef,
)

NUMBER, TEXT, BOOL, DATE = ValueType("number"), ValueType("text"), ValueType("bool"), ValueType("date")
KEYED = {"person": TEXT, "duty_date": DATE}
SWAP = RecordShape(
    "swap", ("request_id",), Fields({"request_id": TEXT, "requester": TEXT, "duty_date": DATE, "swap_effected": BOOL})
)
SHIFT = RecordShape(
    "shift",
    ("person", "duty_date"),
    Fields({**KEYED, "start": ValueType("time"), "season": TEXT}, aliases={"day_of_duty": "duty_date"}),
    links={"swapped": "swap"},
)
DECLARED = Declared(
    records={"swap": SWAP, "shift": SHIFT},
    parameters={"cap": NUMBER, "exempt": ValueType("list"), "formula": ValueType("text", ("divided", "printed"))},
    counts={"swaps": CountShape("swaps", 2, ("person",)), "received": CountShape("received", 1)},
    values={
        "minimum": ValueShape("minimum", NUMBER, ("person",)),
        "dept_size": ValueShape("dept_size", NUMBER, ("dept",)),
    },
)
FACT = Fields(
    {
        **KEYED,
        "result": ValueType("text", ("off", "no_answer")),
        "amount": NUMBER,
        "upheld": BOOL,
        "kinds": ValueType("list"),
        "from": DATE,
        "for": TEXT,
        "class": TEXT,
        "in": TEXT,
    },
    aliases={"day_of_duty": "duty_date"},
).beside(EVERY_FACT)
SCOPES = Scopes(DECLARED, FACT, matter="shift", this=FACT, act=Fields({"present": BOOL}), where="the trigger")


def read(text: str, expected: str = "any"):
    """Return the expression, which has no fault."""
    expression, faults = read_expression(text, SCOPES, expected)
    assert faults == ()
    assert expression is not None
    return expression


def fact(name: str, kind: str) -> Field:
    """Return a field of the fact."""
    return Field(Scope.FACT, name, None, kind)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("amount", fact("amount", "number")),
        ("50", Literal(50)),
        ("0.5", Literal(Decimal("0.5"))),
        ("'x'", Literal("x")),
        ('"迟到"', Literal("迟到")),
        ("true", Literal(value=True)),
        (
            "upheld and not amount > 3",
            Logic("and", (fact("upheld", "bool"), Not(Compare((fact("amount", "number"), Literal(3)), (">",))))),
        ),
        ("1 <= amount < cap", Compare((Literal(1), fact("amount", "number"), ParameterRef("cap")), ("<=", "<"))),
        ("amount - 1 // 2", Arithmetic("-", fact("amount", "number"), Arithmetic("//", Literal(1), Literal(2)))),
        ("-amount", Negative(fact("amount", "number"))),
        ("result in ['off']", Compare((fact("result", "text"), Listing((Literal("off"),))), ("in",))),
        ("person not in exempt", Compare((fact("person", "text"), ParameterRef("exempt")), ("not-in",))),
        ("'door' in kinds", Compare((Literal("door"), fact("kinds", "list")), ("in",))),
        ("shift.start", Field(Scope.MATTER, "start", "shift", "time")),
        ("swapped.requester", Field(Scope.RECORD, "requester", "swapped", "text")),
        ("act.present", Field(Scope.ACT, "present", None, "bool")),
        ("this.amount", fact("amount", "number")),
        ("month.days", Field(Scope.PERIOD, "days", "month", "number")),
        ("month", Field(Scope.PERIOD, "label", "month", "text")),
        ("this.month", Field(Scope.PERIOD, "label", "month", "text")),
        ("day", Field(Scope.PERIOD, "start", "day", "date")),
        ("swaps - cap", Arithmetic("-", CountRef("swaps"), ParameterRef("cap"))),
        ("received(month)", CountRef("received", (Field(Scope.PERIOD, "label", "month", "text"),))),
        ("minimum", ValueRef("minimum")),
        ("open(swap)", OpenCount("swap")),
        ("any(swap)", AnyRecord("swap", None)),
        ("weekday(date)", Call("weekday", (fact("date", "date"),))),
        ("known(amount)", Call("known", (fact("amount", "number"),))),
        ("duty_date == '2026-01-15'", Compare((fact("duty_date", "date"), Literal(dt.date(2026, 1, 15))), ("==",))),
        (
            "duty_date in ['2026-01-15']",
            Compare((fact("duty_date", "date"), Listing((Literal(dt.date(2026, 1, 15)),))), ("in",)),
        ),
        ("day_of_duty", fact("duty_date", "date")),
        ("shift.day_of_duty", Field(Scope.MATTER, "duty_date", "shift", "date")),
    ],
)
def test_an_expression_means(text, tree):
    """an expression is read into a tree whose names are resolved"""
    assert read(text).tree == tree


@pytest.mark.parametrize(("text", "name"), [("from", "from"), ("for", "for"), ("class", "class"), ("this.in", "in")])
def test_words_of_python_are_names(text, name):
    """a field may have a name that is a word of Python"""
    assert read(text).tree == Field(Scope.FACT, name, None, FACT.known[name].name)


def test_any_sees_the_record_and_this_the_trigger():
    """inside `any` a bare name is the record's field and `this.` is the trigger's"""
    tree = read("any(swap, requester == this.person)").tree
    condition = Compare((fact("requester", "text"), Field(Scope.THIS, "person", None, "text")), ("==",))
    assert tree == AnyRecord("swap", condition)


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("upheld", "bool"),
        ("amount > 3", "bool"),
        ("amount + 1", "number"),
        ("result", "text"),
        ("date", "date"),
        ("shift.start", "time"),
        ("kinds", "list"),
        ("month_of(date)", "text"),
        ("is_working_day(date)", "bool"),
    ],
)
def test_the_type_is_known(text, type_):
    """an expression knows its type"""
    assert read(text).type == type_


@pytest.mark.parametrize(
    ("text", "code", "at", "help_"),
    [
        ("amont > 3", "DR305", "amont", "did you mean `amount`"),
        ("result == off", "DR305", "off", "put it in quotes if it is a text: `'off'`"),
        ("swap == 'x'", "DR305", "swap", "`swap` is a record: write `swap.field`, `any(swap)` or `open(swap)`"),
        ("shift.strat > time", "DR302", "strat", "did you mean `start`"),
        ("shfit.start > time", "DR303", "shfit", "did you mean `shift`"),
        ("any(swop)", "DR303", "swop", "did you mean `swap`"),
        ("any(3)", "DR303", "3", None),
        ("swap.requester == person", "DR508", "swap", "say it with `any(record, …)` or name the record in `about`"),
        ("dept_size > 3", "DR302", "dept_size", None),
        ("wekday(date)", "DR307", "wekday", "did you mean `weekday`"),
        ("weekday()", "DR406", "weekday()", None),
        ("weekday(result)", "DR407", "result", None),
        ("known(3)", "DR407", "3", None),
        ("received(month, month)", "DR406", "received(month, month)", None),
        ("amount == 'x'", "DR403", "'x'", None),
        ("result > 'a'", "DR410", "'a'", "it is one of `'off'`, `'no_answer'`"),
        ("person > 'a'", "DR403", "person", None),
        ("upheld > true", "DR403", "upheld", None),
        ("time > date", "DR403", "date", "compare the fact's `date` with a date"),
        ("date == 'tomorrow'", "DR403", "'tomorrow'", "write a date as `'2026-01-15'`"),
        ("date == '2026-02-30'", "DR403", "'2026-02-30'", "write a date as `'2026-01-15'`"),
        ("amount in 3", "DR403", "3", "write `in ['a', 'b']`"),
        ("amount in ['a']", "DR403", "['a']", None),
        ("amount == none", "DR403", "none", "write `known(amount)`"),
        ("result == 'of'", "DR410", "'of'", "did you mean `off`"),
        ("result in ['off', 'on']", "DR410", "['off', 'on']", "it is one of `'off'`, `'no_answer'`"),
        ("weekday(date) == 'Fryday'", "DR410", "'Fryday'", "did you mean `Friday`"),
        ("date + 3 > 2", "DR404", "date", "count days with `days_between(…, …)`; add durations in `by` or `within`"),
        ("-result == 3", "DR404", "result", None),
        ("not amount", "DR405", "amount", "compare it with something, such as `x == 3`"),
        ("amount =", "DR402", "=", "write `==` to compare"),
        ("upheld && upheld", "DR402", "&&", "write `and`"),
        ("amount ≥ 3", "DR402", "≥", "write `>=`"),
        ("amount is 3", "DR401", "is", "write `==` to compare"),
        ("amount >", "DR401", ">", None),
        ("(amount", "DR401", "(", None),
        ("amount)", "DR401", ")", None),
        ("3x == 3", "DR401", "3x", "write digits, with a point for a fraction, such as `50` or `0.5`"),
        ("'it''s'", "DR401", "'s'", "join them with `and`, `or` or `==`"),
        ("", "DR401", "", None),
    ],
)
def test_a_fault_has_code_place_and_help(text, code, at, help_):
    """a faulty expression gives one fault, with its code, its place and what helps"""
    expression, faults = read_expression(text, SCOPES)
    assert expression is None
    (fault,) = faults
    length = len(text) - fault.start if fault.length is None else fault.length
    assert (fault.code, text[fault.start : fault.start + length], fault.help) == (code, at, help_)


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [("amount", "bool", "DR405"), ("result", "number", "DR412"), ("result", "time", "DR413")],
)
def test_the_wanted_type_is_checked(text, expected, code):
    """an expression of another type than its place wants is refused"""
    _, faults = read_expression(text, SCOPES, expected)
    assert [fault.code for fault in faults] == [code]


def test_a_date_may_stand_for_an_instant():
    """where an instant is wanted, a date will do"""
    assert read("date", "time").type == "date"


def test_all_faults_are_found_at_once():
    """every unknown name and every wrong comparison of one expression is told"""
    _, faults = read_expression("amont > 3 and shift.strat > time and result == 'of'", SCOPES)
    assert [fault.code for fault in faults] == ["DR305", "DR302", "DR410"]


def test_there_is_no_this_without_a_trigger():
    """outside a rule `this` and `act` mean nothing"""
    scopes = attrs.evolve(SCOPES, this=None, act=None, inside=True)
    codes = [read_expression(text, scopes)[1][0].code for text in ("this.person == 'x'", "act.present")]
    assert codes == ["DR411", "DR411"]


def test_unknown_fields_of_a_broken_fact_are_let_pass():
    """where the fact itself was refused, its fields are not refused again"""
    scopes = attrs.evolve(SCOPES, fact=Fields(open=True))
    expression, faults = read_expression("whatever == 3", scopes)
    assert (expression is not None, faults) == (True, ())


HOSTILE = [
    "().__class__",
    "person.__class__",
    "person.__class__.__bases__[0].__subclasses__()",
    "__import__('os').system('true')",
    "__builtins__",
    "globals()",
    "eval('1')",
    "exec('1')",
    "getattr(person, 'x')",
    "person.format(3)",
    "lambda: 0",
    "(lambda: 0)()",
    "[x for x in kinds]",
    "{x for x in kinds}",
    "{'a': 1}",
    "(x for x in kinds)",
    "f'{person}'",
    "rb'x'",
    "b'x' == 'x'",
    "u'x' == 'x'",
    "(x := 3)",
    "kinds[0]",
    "kinds[0:1]",
    "max(*kinds)",
    "max(**kinds)",
    "max(amount, key=amount)",
    "amount if upheld else 3",
    "2 ** 99999999",
    "1 << 99",
    "1 & 1",
    "amount @ amount",
    "~amount",
    "+amount",
    "...",
    "1j == 1",
    "1e9 == 1",
    "1_000 == 1",
    "0x10 == 16",
    "9999999999999999",
    "'" + "x" * 201 + "'",
    "'\\x41'",
    "'''x'''",
    "amount; amount",
    "amount, amount",
    "await amount",
    "yield amount",
    "amount is not 3",
    "amount # 3",
    "amount \\\n > 3",
    "import os",
    "print(3)",
    "`amount`",
    "$amount",
    "amount?",
    "person.upper()",
    "shift.start.year",
    "shift",
    "any",
    "any()",
    "any(swap, upheld, upheld)",
    "open(3)",
    "open('/etc/passwd')",
    "open('x').read()",
    "(" * 5000 + ")" * 5000,
    "(" * 41 + "1" + ")" * 41,
    "not " * 500 + "upheld",
    "-" * 1900 + "1",
    "1" + "+1" * 900,
    "1 < " * 20 + "amount <",
    "x" * 3000,
    "\x00",
    "\ud800",
    "person == '\u202e'" + "'",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_expression_is_refused(text):
    """what reaches for anything but declared names, or is far too large, is refused with a code"""
    expression, faults = read_expression(text, SCOPES)
    assert expression is None
    assert faults
    assert all(fault.code in CODES for fault in faults)


def test_nothing_is_run():
    """no module that reads packs calls anything that runs code"""
    for path in Path(module.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile", "__import__"}, path


PIECES = st.sampled_from(
    [
        "amount",
        "person",
        "upheld",
        "date",
        "kinds",
        "shift",
        "swap",
        "any",
        "open",
        "known",
        "weekday",
        "swaps",
        "cap",
        "month",
        "this",
        "act",
        "act.present",
        "shift.start",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "not",
        "in",
        "3",
        "0.5",
        "'off'",
        "'2026-01-15'",
        '"',
        "'",
        "**",
        "=",
        "lambda",
        "for",
        "if",
        "__class__",
        "known(",
        "any(swap,",
        "none",
        "true",
        "99999999999999999999",
    ]
)


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_gives_an_expression_or_faults(text):
    """whatever stands in an expression, it is read or refused with faults that lie inside it"""
    expression, faults = read_expression(text, SCOPES)
    assert (expression is None) == bool(faults)
    for fault in faults:
        assert fault.code in CODES
        assert 0 <= fault.start <= len(text)
        assert fault.length is None or fault.start + fault.length <= max(1, len(text))
