"""A small pack that tests about the pack language start from."""

from __future__ import annotations

from textwrap import dedent

import pytest

from dutyrules.policies.load import check_text

RECORDS = """
pack: demo
roles: {leader: {en: leader, zh: 领导}, payroll: {en: payroll, zh: 财务}}
records:
  staff: {key: person, opens: staff_record}
  duty: {key: [person, duty_date], opens: roster_assigned, dated: duty_date}
  away:
    key: [person, duty_date]
    opens: post_left
    closes: [post_resumed, end of duty_date]
    dated: duty_date
  swap: {key: request_id, opens: swap_requested, updates: [swap_approved, swap_effected]}
  complaint:
    key: complaint_id
    opens: complaint_received
    closes: complaint_ruled
    links: {away: latest away of about}
"""


@pytest.fixture(scope="session")
def check():
    """Return a function that checks a pack; unless told otherwise it has a name, two roles and five records already."""

    def checked(text: str, *, records: bool = True):
        return check_text((RECORDS if records else "") + dedent(text), "demo.yaml")

    return checked


@pytest.fixture(scope="session")
def load(check):
    """Return a function that gives the pack of a text, which must have no error."""

    def loaded(text: str, *, records: bool = True):
        checked = check(text, records=records)
        assert [each for each in checked.diagnostics if each.is_error] == []
        return checked.packs[0]

    return loaded
