"""`tanfang user`, `key` and `signature`: who may come in, and what they show or sign with."""

import os
import sys
from typing import Annotated
from uuid import UUID

import typer

from cli.embedded.servers import say_to_stderr
from cli.options import Data, District, chosen, end, refusals
from core.organisation.roles import Role

users = typer.Typer(no_args_is_help=True, help="People who sign in.")
keys = typer.Typer(no_args_is_help=True, help="Keys of the monitoring systems.")
signatures = typer.Typer(no_args_is_help=True, help="What monitoring systems sign with (Standard Webhooks).")

Named = Annotated[str, typer.Argument(help="The name to sign in with.")]


@users.command("add")
def user_add(
    name: Named,
    role: Annotated[Role, typer.Option(help="What the person may do.")],
    street: Annotated[str | None, typer.Option(help="Code of the street (9 digits).")] = None,
    committee: Annotated[list[str] | None, typer.Option(help="Code of a committee (12 digits); repeatable.")] = None,
    capacity: Annotated[int | None, typer.Option(min=0, help="Visits a month.")] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """Add somebody who signs in, with the password of TANFANG_PASSWORD, or print a code good once for 24 h."""
    from cli.accounts import add_user

    with refusals():
        code = add_user(
            chosen(data),
            name,
            _password(),
            role=role,
            district=district,
            street=street,
            committees=committee or [],
            capacity=capacity,
        )
    say_to_stderr(f"{name} 可以登录，角色是{role.label}（`{role}`）。")
    _hand_out(code)


@users.command("list")
def user_list(data: Data = None) -> None:
    """Every account, one a line: user name, state, role, street or else district, name, last day."""
    from cli.accounts import list_users
    from cli.listing import user_lines

    with refusals():
        for line in user_lines(list_users(chosen(data))):
            print(line)


@users.command("lock")
def user_lock(name: Named, data: Data = None) -> None:
    """Close an account and end its sessions; its work stays with it."""
    from cli.accounts import lock_user

    with refusals():
        lock_user(chosen(data), name)
    say_to_stderr(f"{name} 已锁定，登录都已结束。")


@users.command("unlock")
def user_unlock(name: Named, data: Data = None) -> None:
    """Open an account again, also one that wrong passwords locked."""
    from cli.accounts import unlock_user

    with refusals():
        unlock_user(chosen(data), name)
    say_to_stderr(f"{name} 已解锁。")


@users.command("reset")
def user_reset(name: Named, data: Data = None) -> None:
    """Set the password of TANFANG_PASSWORD, or print a code good once for 24 h; sessions end."""
    from cli.accounts import reset_user

    with refusals():
        code = reset_user(chosen(data), name, _password())
    say_to_stderr(f"{name} 的密码已重置，登录都已结束。")
    _hand_out(code)


@users.command("end-sessions")
def user_end_sessions(name: Named, data: Data = None) -> None:
    """End every session of somebody at once."""
    from cli.accounts import end_sessions

    with refusals():
        ended = end_sessions(chosen(data), name)
    say_to_stderr(f"已结束 {name} 的 {ended} 个登录。")


def _password() -> str | None:
    given = os.environ.get("TANFANG_PASSWORD")
    if given or not sys.stdin.isatty():
        return given or None
    words = "密码（直接回车则生成一次性代码）"
    return typer.prompt(words, default="", show_default=False, hide_input=True, err=True) or None


def _hand_out(code: str | None) -> None:
    if code is not None:
        print(code)
        say_to_stderr("上面是一次性代码：24 小时内有效，只能用一次，登录后自己设置密码。现在就记下，以后不再显示。")


@keys.command("add")
def key_add(
    source: Annotated[str, typer.Option(help="CloudEvents `source` of the system, a URI reference.")],
    scope: Annotated[list[str], typer.Option(help="alerts:write, alerts:read or classify; repeatable.")],
    type_: Annotated[list[str] | None, typer.Option("--type", help="An event type it may send; absent: all.")] = None,
    street: Annotated[list[str] | None, typer.Option(help="A street it may write to; absent: all.")] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Its last day, or an instant with its offset; absent: never.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What people call the system: the teller of its news.")] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """Make a key for a monitoring system. Standard output is the key, once, and nothing else."""
    from cli.accounts import add_key

    with refusals():
        key, live = add_key(
            chosen(data),
            source,
            scopes=scope,
            types=type_ or [],
            streets=street or [],
            expires_at=end(expires),
            name=name,
            district=district,
        )
    print(key)
    say_to_stderr("Keep it now: only its digest is stored. It goes into the header `Authorization: Bearer <key>`.")
    if live > 1:
        say_to_stderr(f"{live} keys of this source are live; `tanfang key revoke` ends the one that is replaced.")


@keys.command("list")
def key_list(data: Data = None) -> None:
    """Every key in every state, one a line; the keys themselves cannot be read again."""
    from cli.accounts import list_keys
    from cli.listing import key_lines

    with refusals():
        for line in key_lines(list_keys(chosen(data))):
            print(line)


@keys.command("revoke")
def key_revoke(
    key_id: Annotated[UUID, typer.Argument(help="The key's id, from `tanfang key list`.")], data: Data = None
) -> None:
    """End a key at once and for good."""
    from cli.accounts import revoke_key

    with refusals():
        revoke_key(chosen(data), key_id)
    say_to_stderr("The key is revoked: its next request is refused.")


@signatures.command("add")
def signature_add(
    source: Annotated[str, typer.Option(help="CloudEvents `source` of the system, a URI reference.")],
    obligatory: Annotated[
        bool | None, typer.Option("--obligatory/--optional", help="Refuse what it sends unsigned; absent: as it is.")
    ] = None,
    district: District = None,
    data: Data = None,
) -> None:
    """Make a signing secret for a source. Standard output is the secret, once, and nothing else."""
    from cli.accounts import add_secret

    with refusals():
        secret, live = add_secret(chosen(data), source, obligatory=obligatory, district=district)
    print(secret)
    say_to_stderr("Keep it now: it is sealed here. Sign each request per Standard Webhooks, beside showing the key.")
    if live > 1:
        say_to_stderr(f"{live} secrets of this source are live; `tanfang signature revoke` ends the one replaced.")


@signatures.command("list")
def signature_list(data: Data = None) -> None:
    """Every signing secret in every state, one a line; the secrets themselves cannot be read again."""
    from cli.accounts import list_secrets
    from cli.listing import secret_lines

    with refusals():
        for line in secret_lines(list_secrets(chosen(data))):
            print(line)


@signatures.command("revoke")
def signature_revoke(
    secret_id: Annotated[UUID, typer.Argument(help="The secret's id, from `tanfang signature list`.")],
    data: Data = None,
) -> None:
    """End a signing secret at once and for good."""
    from cli.accounts import revoke_secret

    with refusals():
        revoke_secret(chosen(data), secret_id)
    say_to_stderr("The secret is revoked: what is signed with it alone is refused.")


@signatures.command("require")
def signature_require(
    source: Annotated[str, typer.Option(help="CloudEvents `source` of the system.")],
    obligatory: Annotated[bool, typer.Option("--obligatory/--optional", help="Refuse what it sends unsigned.")] = True,
    district: District = None,
    data: Data = None,
) -> None:
    """Say whether a source has to sign."""
    from cli.accounts import set_obligatory

    with refusals():
        set_obligatory(chosen(data), source, obligatory=obligatory, district=district)
    say_to_stderr(f"What {source} sends unsigned is {'refused' if obligatory else 'taken'}.")
