"""Goods leave an estate by one complete route, or not at all."""

from __future__ import annotations

import pytest

OWNER = {"carrier_kind": "owner", "large_or_valuable": True}
MOVING = {"carrier_kind": "owner", "large_or_valuable": False, "moving": True}
AUTHORISED = {"carrier_kind": "authorised"}
TENANT = {"carrier_kind": "tenant", "moving": True, "list_shown": True, "valid_id": True}
NANNY = {"carrier_kind": "nanny", "valid_id": True}
MATERIALS = {"carrier_kind": "worker", "worker_goods": "materials", "valid_id": True}

GATE = ("guard_checked", "slip_kept", "release_registered")
SLIP = ("slip_filled", "slip_signed", "slip_stamped", "identity_confirmed", *GATE)
ROUTES = {
    "4.5.7.2A-owner": (OWNER, SLIP),
    "4.5.7.2A-owner, moving": (MOVING, ("arrears_cleared", *SLIP)),
    "4.5.7.2B-authorised": (AUTHORISED, ("owner_called", "items_confirmed", "slip_signed", *GATE)),
    "4.5.7.4-tenant": (TENANT, ("owner_agreed", "arrears_asked", "arrears_cleared", "guard_checked", "id_registered")),
    "4.5.7.4-nanny": (NANNY, ("owner_agreed", "id_registered")),
    "4.5.7.4-worker-materials": (MATERIALS, ("owner_agreed", "id_registered")),
}
EVERY_PAPER = tuple(dict.fromkeys(paper for _, papers in ROUTES.values() for paper in papers))


def log(request, papers):
    """Return a log: the request, a paper a minute, and the release."""
    events = [{"at": "2026-09-12T09:00:00", "type": "goods_out_requested", "slip_id": "s", **request}]
    for minute, paper in enumerate(papers, 1):
        by = "owner" if paper.startswith(("owner", "slip_filled", "slip_signed")) else "guard"
        events.append({"at": f"2026-09-12T09:{minute:02}:00", "type": paper, "slip_id": "s", "by": by})
    return [*events, {"at": "2026-09-12T10:00:00", "type": "goods_released", "slip_id": "s", "by": "guard"}]


def refused(run):
    """Tell whether the release was a breach; it is one by the guard if it is any."""
    breaches = run.of("4.5.7.5-otherwise-none", "breach")
    assert [one.person for one in breaches] in ([], ["guard"])
    return bool(breaches)


def told(run):
    """Return what was said last about the goods: a word and what is missing."""
    notice = run.of("4.5.7.5-otherwise-none", "notice")[0]
    return notice.notice, notice.detail or ""


@pytest.mark.parametrize("route", ROUTES)
def test_a_complete_route_lets_the_goods_go(replay, route):
    """with every paper of the carrier's route the release is no breach, and the route is named beforehand"""
    run = replay("property-desk", log(*ROUTES[route]))
    assert not refused(run)
    assert told(run) == ("permitted", route.partition(",")[0])


@pytest.mark.parametrize(
    ("route", "paper"), [(route, paper) for route, (_, papers) in ROUTES.items() for paper in papers]
)
def test_no_paper_can_be_missing(replay, route, paper):
    """with any one paper of a route missing the release is a breach, and something is said to be missing"""
    request, papers = ROUTES[route]
    run = replay("property-desk", log(request, tuple(one for one in papers if one != paper)))
    assert refused(run)
    word, missing = told(run)
    assert word == "not_permitted"
    assert missing.startswith(f"{route.partition(',')[0]}: ")


@pytest.mark.parametrize("route", ["4.5.7.2A-owner", "4.5.7.2B-authorised"])
def test_the_gate_keeps_its_order(replay, route):
    """checking, keeping and booking in another order is as good as not done"""
    request, papers = ROUTES[route]
    for wrong in (("slip_kept", "guard_checked", "release_registered"), ("guard_checked", *GATE[:0:-1])):
        assert refused(replay("property-desk", log(request, (*papers[:-3], *wrong))))


def test_a_step_out_of_order_can_be_done_again(replay):
    """a booking made too early does no harm if the slip is booked once more in its turn"""
    request, papers = ROUTES["4.5.7.2A-owner"]
    assert not refused(replay("property-desk", log(request, ("release_registered", *papers))))


@pytest.mark.parametrize(
    "request_",
    [
        {"carrier_kind": "authorised", "moving": True, "large_or_valuable": True},
        {"carrier_kind": "tenant", "moving": False, "large_or_valuable": True, "list_shown": True, "valid_id": True},
        {"carrier_kind": "tenant", "moving": True, "list_shown": False, "valid_id": True},
        {"carrier_kind": "worker", "worker_goods": "tools", "large_or_valuable": True, "valid_id": True},
        {"carrier_kind": "worker", "worker_goods": "materials", "valid_id": False},
        {"carrier_kind": "nanny", "valid_id": False, "large_or_valuable": False},
    ],
    ids=["authorised, moving", "tenant, not moving", "tenant, no list", "tools", "materials, no id", "nanny, no id"],
)
def test_papers_of_another_route_do_not_help(replay, request_):
    """a carrier whose own route is not open does not leave on the papers of all the others"""
    papers = tuple(one for one in EVERY_PAPER if one not in ("owner_signed", "notified"))
    assert refused(replay("property-desk", log(request_, papers)))


def test_every_paper_serves_whom_it_is_meant_for(replay):
    """with all papers there every route is open to its own carrier"""
    papers = tuple(one for one in EVERY_PAPER if one not in GATE) + GATE
    for request, _ in ROUTES.values():
        assert not refused(replay("property-desk", log(request, papers)))


@pytest.mark.parametrize(
    ("goods", "stays"),
    [
        ({"has_slip": True}, False),
        ({"in_register": True}, False),
        ({}, True),
    ],
)
def test_tools_leave_on_a_slip_or_on_their_entry(replay, goods, stays):
    """a workman's tools need a slip or the entry made when they came, and nothing else"""
    request = {"carrier_kind": "worker", "worker_goods": "tools", **goods}
    assert refused(replay("property-desk", log(request, ()))) is stays


def test_small_things_of_an_owner_need_nothing(replay):
    """an owner's small things leave at once, anybody else's do not"""
    small = {"large_or_valuable": False, "moving": False}
    assert not refused(replay("property-desk", log({"carrier_kind": "owner", **small}, ())))
    assert refused(replay("property-desk", log({"carrier_kind": "nanny", **small}, ())))
