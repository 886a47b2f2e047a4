"""Faults and remarks of a pack: each with its code, at its place, all at once."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dutyrules.policies.load import Checked


def marked(checked: Checked) -> list[tuple[str, str]]:
    """Return each error's code and the text that it points to."""
    lines = checked.sources["demo.yaml"].splitlines()
    return [
        (each.code, lines[each.place.line - 1][each.place.column - 1 :][: each.length])
        for each in checked.diagnostics
        if each.is_error
    ]


def remarks(checked: Checked) -> list[str]:
    """Return the codes of the warnings, without those about words and about the records that every pack here has."""
    assert checked.packs
    return [
        each.code
        for each in checked.diagnostics
        if each.code not in ("DR701", "DR707") and not each.message.startswith("nothing reads the record")
    ]


# --- faults -----------------------------------------------------------------------------------------------------------

FAULTS = [
    ("DR201", "timezoen", "timezoen: Asia/Shanghai"),
    ("DR201", "form", "rules: {a: {kind: sanction, when: check_in, fine: {form: 1, decided_by: leader}}}"),
    ("DR202", "when", "rules: {a: {when: check_in}}"),
    ("DR202", "a", "rules: {a: {kind: referral, when: check_in}}"),
    ("DR203", "3", "rules: {a: {kind: prohibition, when: 3}}"),
    ("DR203", "[1]", "rules: {a: {kind: sanction, when: check_in, fine: [1]}}"),
    ("DR309", "many", "rules: {a: {kind: obligation, when: check_in, until: check_out, at_least: many}}"),
    ("DR203", "{2024-01-01: 3, 2025-01-01: [a]}", "parameters: {x: {2024-01-01: 3, 2025-01-01: [a]}}"),
    ("DR203", "[1]", "seasons: {a: [1]}"),
    ("DR203", "[1, 2]", "values: {x: [1, 2]}"),
    ("DR203", "true", "values: {x: {a: true, b: 2, chosen_by: p}}\nparameters: {p: a}"),
    ("DR202", "x", "values: {x: {a: 1, b: 2}}"),
    ("DR204", "obligatoin", "rules: {a: {kind: obligatoin}}"),
    ("DR204", "some", "log: {carries: some}"),
    ("DR204", "c", "parameters: {x: {type: text, values: [a, b], value: c}}"),
    ("DR205", "[]", "rules: {a: {kind: prohibition, when: []}}"),
    ("DR206", "2", "language: 2"),
    ("DR207", "Asia/Shangai", "timezone: Asia/Shangai"),
    ("DR208", "XX", "calendar: XX"),
    ("DR208", "yuan", "currency: yuan"),
    (
        "DR209",
        "2 wokring days",
        "rules: {a: {kind: obligation, when: check_in, within: 2 wokring days, until: check_out}}",
    ),
    ("DR209", "2 days", "rules: {a: {kind: obligation, about: duty, gap: 2 days, until: check_out}}"),
    (
        "DR209",
        "cap",
        "parameters: {cap: 3}\nrules: {a: {kind: obligation, when: check_in, within: cap, until: check_out}}",
    ),
    ("DR209", "long", "retention: long"),
    ("DR210", "25:00", "rules: {a: {kind: obligation, when: check_in, by: 25:00 on date, until: check_out}}"),
    ("DR211", "2026-02-30", "in_force: {since: 2026-02-30}"),
    ("DR211", "soon", "parameters: {x: {soon: 3}}"),
    ("DR211", "13-01 to 05-01", "seasons: {a: 13-01 to 05-01}"),
    (
        "DR212",
        "on the same day",
        "rules: {a: {kind: obligation, when: check_in, by: on the same day, until: check_out}}",
    ),
    ("DR213", "mouth", "rules: {a: {kind: obligation, every: mouth, who: leader, until: check_out}}"),
    ("DR213", "mouth", "counts: {x: {of: check_in, in: mouth}}"),
    ("DR214", "braech of b", "rules: {a: {kind: prohibition, when: braech of b}}"),
    ("DR214", "duty", "rules: {a: {kind: prohibition, when: duty}}"),
    (
        "DR214",
        "breach of a",
        "rules: {a: {kind: prohibition, when: check_in}}\nrecords: {x: {key: person, opens: breach of a}}",
    ),
    ("DR215", "the boss", "rules: {a: {kind: prohibition, when: check_in, who: the boss}}"),
    ("DR215", "duty_date", "rules: {a: {kind: prohibition, when: check_in, who: duty_date}}"),
    ("DR216", '"a b"', 'counts: {"a b": {of: check_in}}'),
    ("DR216", '"a b"', 'rules: {"a b": {kind: advice}}'),
    ("DR217", "every", "rules: {a: {kind: obligation, when: check_in, every: day, until: check_out}}"),
    ("DR217", "within", "rules: {a: {kind: obligation, when: check_in, by: date, within: 2h, until: check_out}}"),
    (
        "DR218",
        "moved_by",
        "rules: {a: {kind: obligation, when: check_in, moved_by: {when: check_in, to: time}, until: check_out}}",
    ),
    (
        "DR218",
        "latest a of person",
        (
            "rules: {}\nrecords: {a: {key: none, opens: check_in}, "
            "b: {key: person, opens: check_out, links: {l: latest a of person}}}"
        ),
    ),
    ("DR218", "by", "rules: {a: {kind: obligation, by: date}}"),
    ("DR218", "class", "rules: {a: {kind: sanction, when: check_in, fine: 3, class: x}}"),
    ("DR218", "40 each", "rules: {a: {kind: sanction, when: check_in, fine: 40 each}}"),
    (
        "DR218",
        "shift",
        "records: {x: {key: [person, duty_date, period], opens: roster_assigned, dated: duty_date, spans: shift}}",
    ),
    (
        "DR218",
        "4 working hours",
        "rules: {a: {kind: obligation, when: check_in, within: 4 working hours, until: check_out}}",
    ),
    ("DR218", "remove", "remove: [a]"),
    ("DR219", "within", "rules: {a: {kind: permission, when: check_in, within: 2h of time}}"),
    ("DR219", "fine", "rules: {a: {kind: obligation, when: check_in, until: check_out, fine: 20}}"),
    ("DR220", "40", "rules: {a: {kind: entitlement, when: check_in, grant: x, by: day 40 of next month}}"),
    ("DR220", "0", "rules: {a: {kind: obligation, when: check_in, until: check_out, at_least: 0}}"),
    ("DR220", "-5", "rules: {a: {kind: sanction, when: check_in, fine: -5}}"),
    ("DR220", "10", "rules: {a: {kind: sanction, when: check_in, fine: {from: 50, to: 10, decided_by: leader}}}"),
    ("DR220", "2024-01-01", "in_force: {since: 2025-01-01, until: 2024-01-01}"),
    ("DR221", "1%", "rules: {a: {kind: sanction, when: check_in, fine: 1%}}"),
    ("DR222", "seasons", "seasons: {a: 01-01 to 06-30, b: 06-30 to 12-31}"),
    ("DR223", "11:00", "shifts: {noon: {start: 12:00, end: 11:00}}"),
    ("DR224", "2025-01-01", "parameters: {x: {2025-01-01: 3, 2024-01-01: 4}}"),
    ("DR301", "chek_in", "rules: {a: {kind: prohibition, when: chek_in}}"),
    ("DR301", "b", "rules: {a: {kind: prohibition, when: b}, b: {kind: advice}}"),
    ("DR301", "chek_in", "rules: {a: {kind: prohibition, when: check_in, relies_on: chek_in}}"),
    ("DR301", "chek_in", "log: {carries: {chek_in: 2026-01-01}}"),
    ("DR302", "dty_date", "rules: {a: {kind: prohibition, about: duty, when: check_in, if: duty.dty_date == date}}"),
    ("DR302", "dat", "counts: {x: {of: check_in, distinct: dat}}"),
    ("DR302", "moon", "rules: {a: {kind: sanction, when: check_in, fine: 1, once_per: [person, moon]}}"),
    (
        "DR302",
        "huosehold",
        "rules: {a: {kind: definition, when: check_in, counts_as: complaint_received, with: {huosehold: person}}}",
    ),
    ("DR303", "dutty", "rules: {a: {kind: prohibition, about: dutty, when: check_in}}"),
    ("DR303", "dutty", "rules: {a: {kind: prohibition, about: duty, when: end of dutty}}"),
    (
        "DR304",
        "bb",
        "rules: {a: {kind: sanction, when: breach of bb, fine: 3}, b: {kind: prohibition, when: check_in}}",
    ),
    ("DR304", "bb", "rules: {a: {kind: prohibition, when: check_in, unless: bb}}"),
    ("DR305", "tmie", "rules: {a: {kind: prohibition, when: check_in where tmie > time}}"),
    ("DR308", "office", "rules: {a: {kind: prohibition, about: duty, whenever: 1 == 1, during: office}}"),
    ("DR308", "winter", "seasons: {summer: 01-01 to 12-31}\nshifts: {noon: {start: 12:00, end: {winter: 14:00}}}"),
    ("DR309", "y", "values: {x: {a: 1, b: 2, chosen_by: y}}"),
    (
        "DR310",
        "orl",
        "ladders: {l: {per: person, steps: [oral]}}\nrules: {a: {kind: sanction, when: check_in, step: orl}}",
    ),
    ("DR310", "orl", "ladders: {l: {per: person, steps: [oral], repeat: {same: class, raise: 1, cap: orl}}}"),
    ("DR311", "b", "rules: {a: {kind: sanction, when: breach of b, fine: 3}, b: {kind: permission}}"),
    ("DR311", "b", "rules: {a: {kind: prohibition, when: check_in, unless: b}, b: {kind: advice}}"),
    (
        "DR311",
        "b",
        "rules: {a: {kind: referral, when: excuse of b, asks: leader}, b: {kind: sanction, when: check_in, fine: 1}}",
    ),
    ("DR312", "x", "parameters: {x: 1}\nvalues: {x: 3}"),
    ("DR313", "any", "counts: {any: {of: check_in}}"),
    ("DR313", "month", "parameters: {month: 3}"),
    ("DR405", "post", "rules: {a: {kind: prohibition, when: check_in where post}}"),
    ("DR411", "act", "rules: {a: {kind: prohibition, when: check_in where act.post == 'x'}}"),
    ("DR412", "post", "rules: {a: {kind: sanction, when: check_in, fine: post}}"),
    ("DR413", "post", "rules: {a: {kind: obligation, when: check_in, by: post, until: check_out}}"),
    ("DR501", "a", "rules: {a: {kind: prohibition, when: breach of b}, b: {kind: prohibition, when: breach of a}}"),
    (
        "DR501",
        "a",
        "rules: {a: {kind: prohibition, when: check_in, if: x > 3}}\ncounts: {x: {of: breach of a, per: person}}",
    ),
    ("DR501", "a", "rules: {a: {kind: permission, needs: {x: b}}, b: {kind: permission, unless: a}}"),
    (
        "DR501",
        "a",
        """
        rules:
          a: {kind: sanction, when: sanction of b, fine: 1}
          b: {kind: sanction, when: check_in, fine: 1}
          c: {kind: choice, of: [a, b], same: person}
        """,
    ),
    ("DR502", "x", "values: {x: y + 1, y: x + 1}"),
    ("DR502", "x", "counts: {x: {of: check_in where x > 3}}"),
    ("DR503", "a", "rules: {a: {kind: obligation, every: month, until: check_out}}"),
    ("DR503", "weather_alert", "rules: {a: {kind: prohibition, when: weather_alert}}"),
    ("DR504", "notice", "rules: {a: {kind: sanction, when: check_in, fine: 3, notice: x}}"),
    ("DR504", "a", "rules: {a: {kind: sanction, when: check_in}}"),
    ("DR504", "a", "rules: {a: {kind: entitlement, when: check_in}}"),
    (
        "DR505",
        "a",
        """
        rules:
          b: {kind: choice, of: [a, d], same: person, keep: heaviest}
          c: {kind: choice, of: [a], same: person, keep: heaviest}
          d: {kind: sanction, when: check_in, fine: 3}
          a: {kind: sanction, when: check_in, fine: 3}
        """,
    ),
    ("DR507", "a", "rules: {a: {kind: obligation, when: check_in}}"),
    ("DR508", "check_in", "rules: {a: {kind: prohibition, about: swap, when: check_in}}"),
    ("DR508", "swap", "rules: {a: {kind: prohibition, when: check_in, if: swap.requester == person}}"),
    ("DR508", "check_in", "records: {x: {key: request_id, opens: check_in}}"),
    ("DR510", "oral", "ladders: {l: {per: person, steps: [oral, oral]}}"),
    (
        "DR511",
        "moon",
        "rules: {b: {kind: choice, of: [a], same: moon, keep: heaviest}, a: {kind: sanction, when: check_in, fine: 3}}",
    ),
    ("DR311", "b", "rules: {a: {kind: obligation, when: sanction of b, until: check_out}, b: {kind: advice}}"),
    ("DR512", "y", "rules: {a: {kind: permission, needs: {x: check_in}, in_order: [y]}}"),
    (
        "DR513",
        "a",
        """
        severity: [notice]
        rules: {b: {kind: choice, of: [a], same: person}, a: {kind: sanction, when: check_in, fine: 3}}
        """,
    ),
]


MONTHLY = "{kind: sanction, every: month, for_each: staff, by_number: month.days, tiers: {%s}}"
FAULTS += [
    (code, at, f"rules: {{a: {MONTHLY % tiers}}}")
    for code, at, tiers in (
        ("DR312", "a", "a: {from: 1, fine: 2}"),
        ("DR504", "t", "t: {from: 1}"),
        ("DR506", "4", "t: {from: 1, to: 4, fine: 1}, u: {from: 4, fine: 1}"),
        ("DR506", "6", "t: {from: 1, to: 4, fine: 1}, u: {from: 6, fine: 1}"),
        ("DR506", "1", "t: {from: 4, to: 1, fine: 1}"),
    )
]


@pytest.mark.parametrize(("code", "at", "text"), FAULTS)
def test_a_fault_is_told_at_its_place(check, code, at, text):
    """each fault has its code and points to the text that is wrong, and nothing else is said"""
    head = "" if "records:" not in text else "pack: demo\n"
    checked = check(head + dedent(text), records=not head)
    assert marked(checked) == [(code, at)]
    assert checked.packs == ()


def test_all_faults_of_a_pack_are_told_at_once(check):
    """a pack with many faults is told all of them, in the order of the file"""
    text = """
    timezone: Asia/Shangai
    parameters: {x: {type: mony}}
    counts: {y: {of: chek_in, per: persn}}
    rules:
      a: {kind: prohibition, about: duty, when: check_in where tmie > time, if: duty.day == date, fnie: 3}
      b: {kind: sanction, when: breach of c, fine: {form: 1, decided_by: leader}, unless: d}
    """
    codes = [code for code, _ in marked(check(text))]
    assert codes == ["DR207", "DR204", "DR301", "DR305", "DR302", "DR201", "DR304", "DR201", "DR304"]


def test_what_names_a_broken_entry_is_not_told_again(check):
    """a fault in one entry is told there, and not at all who name the entry"""
    text = """
    records: {duty: {kye: person, opens: roster_assigned}}
    pack: demo
    counts: {x: {fo: check_in}}
    rules:
      a: {kind: prohibtion, about: duty, when: check_in, if: duty.whatever == x}
      b: {kind: sanction, when: breach of a where whatever == 3, fine: 2}
    """
    assert {code for code, _ in marked(check(text, records=False))} == {"DR201", "DR202", "DR204"}


def test_an_item_cut_by_a_comma_is_explained(check):
    """where YAML cuts an expression at a comma inside a list, the help says so"""
    for condition in ("when: [check_in where any(duty, upheld)]", "if: any(duty, upheld)"):
        checked = check(f"rules: {{a: {{kind: prohibition, {condition}}}}}")
        helps = {each.help for each in checked.diagnostics if each.is_error}
        assert "inside brackets a comma ends the text: put the text in quotes" in helps


def test_a_place_inside_folded_text_is_found(check):
    """a fault in a text over several lines points to its line"""
    text = """
    rules:
      a:
        kind: prohibition
        when: check_in
        if: >
          post == '2F'
          and tmie > time
    """
    (fault,) = [each for each in check(text).diagnostics if each.is_error]
    line = check(text).sources["demo.yaml"].splitlines()[fault.place.line - 1]
    assert line[fault.place.column - 1 :].startswith("tmie")


# --- remarks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("DR702", "parameters: {x: 1}"),
        ("DR702", "counts: {x: {of: check_in}}"),
        ("DR702", "values: {x: month.days}"),
        (
            "DR703",
            """
            rules:
              a: {kind: obligation, about: duty, when: check_in, promptly: at once, until: check_out}
              b: {kind: sanction, when: breach of a, fine: 1}
            """,
        ),
        (
            "DR704",
            """
            parameters: {cap: {2024-01-01: 3, 2024-02-15: 4}}
            counts: {n: {of: check_in, per: person, in: month}}
            rules:
              a:
                {kind: sanction, every: month, for_each: staff, by_number: n - cap, tiers: {t: {from: 1, fine: 2}}}
            """,
        ),
        ("DR705", "parameters: {x: {type: money}}\nrules: {a: {kind: sanction, when: check_in, fine: x}}"),
        ("DR706", "rules: {a: {kind: sanction, when: check_in, withhold: pay_of_day}}"),
        ("DR708", "rules: {a: {kind: prohibition, when: check_in, who: cook}}"),
    ],
)
def test_a_remark_does_not_keep_a_pack_from_loading(check, code, text):
    """what may not be meant is said, and the pack loads"""
    assert remarks(check(text)) == [code]


def test_a_change_on_the_first_of_a_month_is_no_remark(check):
    """a value that changes when a period begins needs no remark"""
    text = """
    parameters: {cap: {2024-01-01: 3, 2024-03-01: 4}}
    rules:
      a: {kind: sanction, every: month, for_each: staff, by_number: month.days - cap, tiers: {t: {from: 1, fine: 2}}}
    """
    assert "DR704" not in remarks(check(text))


def test_missing_words_are_remarked(check):
    """words in one language only, and a rule without words, are remarked"""
    text = """
    title: Demo
    rules:
      a: {kind: advice, says: {zh: 请有礼貌。}}
      b: {kind: advice}
      c: {kind: advice, says: {en: Be kind., zh: 待人和善。}}
    """
    codes = [(each.code, each.message) for each in check(text).diagnostics if each.code in ("DR701", "DR707")]
    assert codes == [
        ("DR701", "the Chinese words are missing"),
        ("DR701", "the English words are missing"),
        ("DR707", "`b` does not say what it demands"),
    ]
