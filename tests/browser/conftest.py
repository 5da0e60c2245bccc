"""One browser and one running instance for all these tests; each test has a browser context of its own.

The driver keeps an event loop in its thread: it ends with this package, before other tests run loops of their own.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser, Playwright, sync_playwright

from core.store import crypto
from tests.browser import browsers
from tests.browser.site import Site, folder_for_pictures
from tests.journeys.instance import Instance

HERE = Path(__file__).parent
NOW = "2026-11-25T09:00:00+08:00"
_LEFT_OUT = pytest.StashKey[dict[str, int]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has no browser here, and say so at the end; where browsers are required, fail."""
    missing = {
        "browser": None if browsers.chromium() else "there is no Chromium (apt-get install chromium)",
        "old_browser": None if browsers.old_chromium() else "there is no Chromium 92 (make browsers)",
    }
    counts: dict[str, int] = {}
    for item in items:
        if HERE not in item.path.parents:
            continue
        fixtures = getattr(item, "fixturenames", ())
        why = missing["old_browser"] if "old_browser" in fixtures else missing["browser"]
        if why is None or not {"site", "browser", "old_browser"}.intersection(fixtures):
            continue
        if os.environ.get("TANFANG_BROWSERS") == "required":
            raise pytest.UsageError(f"Tests of the pages cannot run: {why}.")
        item.add_marker(pytest.mark.skip(reason=why))
        counts[why] = counts.get(why, 0) + 1
    config.stash[_LEFT_OUT] = counts


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for why, count in config.stash.get(_LEFT_OUT, {}).items():
        terminalreporter.write_line(f"{count} tests of the pages were left out: {why}.", yellow=True)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium of this machine."""
    started = playwright.chromium.launch(executable_path=browsers.chromium(), args=list(browsers.FLAGS))
    yield started
    started.close()


@pytest.fixture
def old_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium older than any that people still use. It ends with its first context, so each test has its own."""
    started = playwright.chromium.launch(executable_path=browsers.old_chromium(), args=list(browsers.OLD_FLAGS))
    yield started
    started.close()


@pytest.fixture(scope="session")
def instance(
    make_database: Callable[[], str], valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Instance]:
    """API and worker as processes of their own."""
    folder = tmp_path_factory.mktemp("browser")
    crypto.ensure_keys(folder / "keys")
    redis.Redis.from_url(valkey_url).flushall()
    running = Instance(make_database(), valkey_url, folder / "keys", folder, NOW)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def site(instance: Instance, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The pages of that instance."""
    return Site(instance, browser, folder_for_pictures(tmp_path_factory.mktemp("pictures")))
