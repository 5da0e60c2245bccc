"""What the operator decides: addresses, folders and limits, from the environment."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _listed(value: object) -> object:
    """`a, b` as it stands in the environment."""
    return [part.strip().lower() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Settings(BaseSettings):
    """Read once at start; a wrong value stops the process with its name."""

    model_config = SettingsConfigDict(env_prefix="TANFANG_", env_file=".env", extra="ignore", frozen=True)

    database_url: str | None = Field(
        None,
        description="PostgreSQL 16 or later, as the log-in of API and workers; absent: the embedded server of `data`",
    )
    redis_url: str | None = Field(None, description="Valkey or Redis; carries hints only")
    data: Path = Field(Path("data"), description="folder of the embedded servers, keys and logs")
    keys: Path | None = Field(None, description="folder with the encryption keys; absent: `data`/keys")
    sandbox: bool = Field(False, description="allow the sandbox clock and /docs; never in production")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    pool_size: int = Field(16, ge=2, le=200, description="database connections of one process, and its request threads")
    worker_threads: int = Field(2, ge=1, le=64)
    worker_nice: int = Field(12, ge=0, le=19, description="how far workers stand back behind the API for the processor")
    most_disappeared: float = Field(
        0.2,
        ge=0,
        le=1,
        description="share of an imported register that may be told to have left without a confirmation",
    )
    session_hours: int = Field(12, ge=1, le=168, description="how long a sign-in lasts at most")
    session_idle_minutes: int = Field(30, ge=1, le=1440, description="how long a sign-in lasts without a request")
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="addresses or networks of reverse proxies whose X-Forwarded-For and -Proto are believed; by commas",
    )

    key_requests_per_second: int = Field(
        5_000, ge=1, description="alert requests of one key, in one process; more: 429"
    )
    key_events_per_second: int = Field(50_000, ge=1, description="alerts of one key, in one process; more: 429")
    key_in_flight: int = Field(256, ge=1, description="alert requests of one key waiting for their commit; more: 429")
    in_flight: int = Field(1_024, ge=1, description="alert requests waiting for their commit; more: 503")
    megabytes_in_flight: int = Field(64, ge=8, description="bodies of alert requests held in memory; more: 503")
    most_pending: int = Field(500_000, ge=1, description="alerts accepted and not yet processed; more: 503")

    smtp_url: str | None = Field(
        None, repr=False, description="the mail server, as an apprise URL: mailtos://user:password@host?from=address"
    )
    egress_hosts: Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)] = Field(
        frozenset(), description="hosts that people's webhooks may go to, nowhere else: hook.example.org,10.0.0.7"
    )
    wecom_url: str = Field("https://qyapi.weixin.qq.com", description="where the bots of WeCom are")
    feishu_url: str = Field("https://open.feishu.cn", description="where the bots of Feishu are")
    dingtalk_url: str = Field("https://oapi.dingtalk.com", description="where the bots of DingTalk are")
    sms_url: str | None = Field(None, description="the gateway for short messages; absent: nobody gets any")
    sms_secret: str | None = Field(
        None, repr=False, description="what is sent to `sms_url` is signed with it (Standard Webhooks): whsec_…"
    )

    @property
    def key_folder(self) -> Path:
        """Where the encryption keys are."""
        return self.keys or self.data / "keys"


class OwnerSettings(BaseSettings):
    """What only migrations and the owner's other commands read; no API and no worker does."""

    model_config = SettingsConfigDict(env_prefix="TANFANG_", env_file=".env", extra="ignore", frozen=True)

    owner_url: str | None = Field(None, repr=False, description="the same database, as the owner of its tables")


def load() -> Settings:
    """The settings of this process."""
    return Settings()
