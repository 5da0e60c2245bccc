# Two stages: durable-rules is compiled in the first, and no compiler goes into what runs.
FROM python:3.11-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements-build.lock requirements.lock ./
# What durable-rules needs to work with Python 3.13 too; harmless with earlier ones.
ENV CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject
RUN .venv/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && .venv/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r requirements.lock
COPY pyproject.toml alembic.ini README.md ./
COPY rules rules
COPY core core
COPY api api
COPY worker worker
COPY cli cli
COPY migrations migrations
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e .

FROM python:3.11-slim
# A fixed number, so that a volume written today is readable by the image of tomorrow.
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin tanfang \
    && install -d -o tanfang -g tanfang -m 0700 /keys
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TANFANG_HOST=0.0.0.0 \
    TANFANG_PORT=8000 \
    TANFANG_KEYS=/keys
USER tanfang
VOLUME /keys
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python", "-m", "api"]
