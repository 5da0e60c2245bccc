"""The web application, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.context import Context
from api.description import DESCRIPTION, TITLE, DescribedApp, operation_id
from api.door.collecting import GROUPS_AT_ONCE, Collector
from api.door.door import Door
from api.door.heard import Feeds
from api.door.hints import Hints
from api.door.overload import Overload
from api.evaluation.evaluators import Evaluators
from api.http import errors
from api.http.callers import Callers
from api.http.guard import Guard
from api.http.hashing import Hashing
from api.operations import readiness
from api.operations.metrics import Metrics
from api.pages import site
from api.routes import (
    alerts,
    batches,
    calendar,
    chains,
    classify,
    coverage,
    drafts,
    escalations,
    feeds,
    keys,
    notifications,
    pages,
    policies,
    reports,
    residents,
    sandbox,
    session,
    signatures,
    streets,
    tasks,
    users,
    visits,
)
from api.routes import operations as operating
from core import processes, settings
from core.settings import Settings
from core.store import crypto
from core.store.business import Business
from core.store.database import Database

STOP_SECONDS: Final = 15
LOOKING_UP: Final = 2  # Connections that no transaction of a request may take: who is calling is asked before.


class _HotRoute(Route):
    """A route that says which it is, as FastAPI's do: requests are counted by route."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        return match, {**found, "route": self}


def create(config: Settings) -> FastAPI:
    """The application for these settings; nothing is connected before the first request."""
    app = application(with_sandbox=config.sandbox)
    app.state.context = context_of(config)
    return app


def context_of(config: Settings) -> Context:
    """What one process holds on to, for these settings."""
    if config.database_url is None:
        raise SystemExit("Set TANFANG_DATABASE_URL; `tanfang up` does.")
    # The door for alerts has connections of its own: it never waits for a slow report.
    database = Database(config.database_url, pool_size=config.pool_size + GROUPS_AT_ONCE)
    business = Business(database, sandbox=config.sandbox)
    sealing, hints = crypto.load_keys(config.key_folder), Hints(config.redis_url)
    metrics = Metrics(readiness.backlog(database, business), readiness.feeds(database, business))
    callers = Callers.of(config, database, business)
    return Context(
        settings=config,
        database=database,
        keys=sealing,
        business=business,
        evaluators=Evaluators(),
        callers=callers,
        hashing=Hashing(),
        slots=asyncio.Semaphore(max(1, config.pool_size - LOOKING_UP)),
        door=Door(
            callers=callers,
            keys=sealing,
            collector=Collector(database, sealing, business, hints),
            overload=Overload(config, readiness.pending(database, config.most_pending)),
            feeds=Feeds(database, metrics.feed_events),
            hints=hints,
            metrics=metrics,
        ),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    # As many threads as there are connections: more would only wait for one.
    current_default_thread_limiter().total_tokens = context.settings.pool_size
    yield
    context.close()


def application(*, with_sandbox: bool) -> DescribedApp:
    """The addresses; what they work with is put into `state.context` before anything is asked."""
    app = DescribedApp(
        title=TITLE,
        version=version("tanfang"),
        description=DESCRIPTION,
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    # In front of all other routes, and without FastAPI's machinery around it, which cost more than taking in an alert.
    # The same route of the router below describes it in the OpenAPI document.
    app.router.routes.insert(0, _HotRoute("/v1/alerts", alerts.push_alerts, methods=["POST"], include_in_schema=False))
    app.add_middleware(Guard, unexpected=site.unexpected)
    errors.install(app)
    for router in (
        session.router,
        alerts.router,
        alerts.strict,
        residents.router,
        classify.router,
        tasks.router,
        batches.router,
        visits.router,
        drafts.router,
        escalations.router,
        notifications.router,
        feeds.router,
        users.router,
        keys.router,
        signatures.router,
        streets.router,
        coverage.router,
        chains.router,
        calendar.router,
        policies.router,
        reports.router,
        operating.router,
    ):
        app.include_router(router)
    site.install(app, is_sandbox=with_sandbox)
    if with_sandbox:
        app.include_router(sandbox.router)
        app.include_router(pages.documentation)
        app.mount("/docs/static", StaticFiles(directory=pages.STATIC))
    return app


def run() -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first."""
    config = settings.load()
    processes.stop_with_parent()
    app = create(config)
    app.state.context.evaluators.warm()
    uvicorn.run(
        app,
        host=config.host,
        port=config.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        log_level="warning",
        forwarded_allow_ips=config.trusted_proxies,
    )
