"""The command that serves a local Plaid from a terminal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from strongroom.sandbox.plaid import AddressInUse, NotOurFile, SandboxOptions, serve

_CANNOT_START = 2


def default_state() -> Path:
    """Give where state lies unless told otherwise: the user's own data folder."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "strongroom" / "plaid-sandbox.sqlite"


def command(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 8410,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    client_id: Annotated[
        str, typer.Option(envvar="PLAID_SANDBOX_CLIENT_ID", help="Only this client_id is accepted.")
    ] = "",
    secret: Annotated[
        str, typer.Option(envvar="PLAID_SANDBOX_SECRET", help="Only this secret is accepted.")
    ] = "",
    state: Annotated[Path | None, typer.Option(help="File that keeps all state.")] = None,
    seed: Annotated[int, typer.Option(help="Decides all data and faults.")] = 0,
    login_days: Annotated[
        float, typer.Option(help="Days until a login must be repeated; 0: never.")
    ] = 30.0,
    speed: Annotated[float, typer.Option(help="Divides waiting times such as retries.")] = 1.0,
    base_url: Annotated[str, typer.Option(help="Address of the Link pages for browsers.")] = "",
    webhooks_anywhere: Annotated[
        bool,
        typer.Option(
            "--webhooks-anywhere", help="Send webhooks to other machines too, not to this one only."
        ),
    ] = False,
) -> None:
    """Serve a local Plaid: the API, Link pages and webhooks, with practice banks behind them."""
    file = state or default_state()
    options = SandboxOptions(
        state_path=file, base_url=base_url, client_id=client_id, secret=secret, seed=seed,
        speed=max(speed, 0.001),
        login_lifetime_days=login_days, webhooks_anywhere=webhooks_anywhere,
    )  # fmt: skip

    def started(address: str) -> None:
        typer.echo(f"Plaid sandbox: {address}  (state: {file}; Ctrl-C stops it)")

    try:
        serve(options, host, port, started=started)
    except (AddressInUse, NotOurFile, OSError) as error:
        typer.echo(f"The Plaid sandbox cannot start: {error}", err=True)
        raise typer.Exit(_CANNOT_START) from error
