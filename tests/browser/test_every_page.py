"""What holds for every page that is there."""

import os
from collections.abc import Callable

import pytest

from tests.browser import checks
from tests.browser.site import DESK, PHONE, SIZES, Site

ROLES = (
    "visitor",
    "committee_advisor",
    "street_advisor",
    "street_manager",
    "district_officer",
    "admin",
    "auditor",
)


@pytest.mark.parametrize("address", ["/login", "/nothing-is-here", "/styles/confirmation"])
def test_what_everybody_sees_is_good_everywhere(site: Site, address: str) -> None:
    with site.page(address) as page:
        checks.is_good_everywhere(page)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_finds_a_good_home(site: Site, role: str) -> None:
    with site.page("/", site.somebody(role)) as page:
        assert page.locator("h1").count() == 1
        checks.is_good_everywhere(page)


@pytest.mark.parametrize("address", ["/account", "/account/password"])
def test_ones_own_pages_are_good_everywhere(site: Site, address: str) -> None:
    with site.page(address, site.somebody("street_manager")) as page:
        checks.is_good_everywhere(page)


@pytest.mark.parametrize("address", ["/login", "/", "/account", "/account/password"])
def test_a_first_view_is_small(site: Site, address: str, record_property: Callable[[str, object], None]) -> None:
    with site.context(site.somebody("visitor")) as context:
        size, requests = checks.first_view(context.new_page(), address)
    record_property("first view", f"{address}: {size} bytes, {requests} requests")
    assert size <= checks.FIRST_VIEW_BYTES
    assert requests <= checks.FIRST_VIEW_REQUESTS


def test_a_second_view_loads_nothing_again(site: Site) -> None:
    with site.context(site.somebody("visitor")) as context:
        page = context.new_page()
        page.goto("/account")
        size, _ = checks.first_view(page, "/account/password")
        assert size < 12_000


@pytest.mark.skipif("TANFANG_SCREENSHOTS" not in os.environ, reason="pictures are taken for a folder that is named")
def test_pages_are_looked_at(site: Site) -> None:
    """Pictures of every page as people see them, for whoever judges how they look."""
    for window in (PHONE, DESK):
        for size in SIZES:
            for address, username in (
                ("/login", None),
                ("/nothing", None),
                ("/styles", None),
                ("/styles/confirmation", None),
                ("/", site.somebody("committee_advisor")),
                ("/account", site.somebody("committee_advisor")),
                ("/account/password", site.somebody("committee_advisor")),
            ):
                with site.page(address, username, window=window, size=size) as page:
                    name = address.strip("/").replace("/", "-") or "home"
                    assert site.screenshot(page, f"{name}-{window[0]}-{size}").stat().st_size > 5_000
                    assert checks.sideways(page) == 0
