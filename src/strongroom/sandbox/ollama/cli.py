"""The command that serves a local Ollama from a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from strongroom.sandbox.ollama import AddressInUse, BadScript, OllamaOptions, read_script, serve

_CANNOT_START = 2


def command(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 picks a free one.")] = 8411,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    model: Annotated[
        list[str] | None, typer.Option(help="A model that is there; may be given several times.")
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(help='Replies as JSON: [{"when": PATTERN, "say": TEXT or OBJECT}].'),
    ] = None,
) -> None:
    """Serve a local Ollama: its chat API, with replies by script in place of a model."""
    try:
        replies = [] if script is None else read_script(script.read_text(encoding="utf-8"))
        serve(
            OllamaOptions(models=tuple(model or ["practice:latest"]), replies=replies),
            host,
            port,
            started=lambda address: typer.echo(f"Ollama sandbox: {address}  (Ctrl-C stops it)"),
        )
    except (AddressInUse, BadScript, OSError, UnicodeDecodeError) as error:
        typer.echo(f"The Ollama sandbox cannot start: {error}", err=True)
        raise typer.Exit(_CANNOT_START) from error
