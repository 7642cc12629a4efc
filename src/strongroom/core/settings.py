"""Settings: what the environment decides, read once at the start and passed on as a value.

The only module that reads environment variables. ``VARIABLES`` documents each of them; the
reference page is generated from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from strongroom.core.errors import Refused

PlaidEnvironment = Literal["local", "sandbox", "production"]


class BadSetting(Refused):
    """An environment variable holds a value that cannot be used."""


class Variable(NamedTuple):
    """One environment variable: its name, and what it decides."""

    name: str
    says: str


VARIABLES = {
    "home": Variable(
        "STRONGROOM_HOME",
        "Where keys, logs and (unless run as root) the embedded database lie.",
    ),
    "port": Variable("STRONGROOM_PORT", "The port of the web address."),
    "host": Variable(
        "STRONGROOM_HOST", "The address to listen on. Keep loopback unless TLS is in front."
    ),
    "public_url": Variable(
        "STRONGROOM_URL", "The address people and Plaid reach this server by, if not loopback."
    ),
    "signup": Variable(
        "STRONGROOM_SIGNUP", "Whether strangers may create accounts: open or closed."
    ),
    "database_url": Variable(
        "DATABASE_URL",
        "A PostgreSQL 16+ to use in place of the embedded one; its role sets up the schema and "
        "the two roles that the program works as.",
    ),
    "pg_bin": Variable(
        "STRONGROOM_PG_BIN", "A directory of PostgreSQL 16+ programs for the embedded server."
    ),
    "plaid_client_id": Variable(
        "PLAID_CLIENT_ID", "Your Plaid client id. Unset: the local sandbox stands in for Plaid."
    ),
    "plaid_secret": Variable("PLAID_SECRET", "Your Plaid secret for PLAID_ENV."),
    "plaid_env": Variable("PLAID_ENV", "sandbox or production; local is the stand-in."),
    "plaid_url": Variable("PLAID_URL", "The address of a Plaid stand-in that already runs."),
    "token_days": Variable(
        "STRONGROOM_TOKEN_DAYS",
        "After how many days a bank link's access token is renewed through Plaid: 90; 0: never.",
    ),
    "proxies": Variable(
        "STRONGROOM_PROXIES",
        "Addresses or networks, separated by commas, of reverse proxies whose X-Forwarded-For "
        "is believed.",
    ),
    "import_mebibytes": Variable(
        "STRONGROOM_IMPORT_MB", "The largest file that may be imported, in MiB; 200 if not set."
    ),
    "ollama_url": Variable(
        "OLLAMA_URL",
        "The address of an Ollama server, such as http://127.0.0.1:11434, whose model may fill "
        "what a goal's text leaves open; the texts of goals are sent there. Unset: none is asked.",
    ),
    "ollama_model": Variable(
        "OLLAMA_MODEL", "The model to ask at OLLAMA_URL, as `ollama list` names it."
    ),
    "log_format": Variable("STRONGROOM_LOG", "How log lines are written: text or json."),
    "key_ring": Variable(
        "STRONGROOM_KEYS", "The key ring as JSON, in place of keys.json under the home."
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a process needs to know about where it runs. Secrets never show in ``repr``."""

    home: Path
    port: int = 8400
    host: str = "127.0.0.1"
    public_url: str | None = None
    signup: bool = True
    database_url: str | None = field(default=None, repr=False)
    pg_bin: Path | None = None
    plaid_client_id: str | None = None
    plaid_secret: str | None = field(default=None, repr=False)
    plaid_env: PlaidEnvironment = "local"
    plaid_url: str | None = None
    token_days: int = 90
    proxies: tuple[str, ...] = ()
    import_mebibytes: int = 200
    ollama_url: str | None = None
    ollama_model: str | None = None
    log_format: Literal["text", "json"] = "text"
    key_ring: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings. Raises ``BadSetting`` naming the variable and what it may hold."""
        env = os.environ if environment is None else environment
        values: dict[str, object] = {}
        for name, variable in VARIABLES.items():
            text = env.get(variable.name, "").strip()
            if text:
                values[name] = _read(name, variable.name, text)
        values.setdefault("home", _default_home(env))
        if values.get("plaid_client_id"):
            values.setdefault("plaid_env", "sandbox")
        settings = cls(**values)  # type: ignore[arg-type]
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ``BadSetting`` where two settings cannot go together."""
        if bool(self.plaid_client_id) != bool(self.plaid_secret):
            missing = "PLAID_SECRET" if self.plaid_client_id else "PLAID_CLIENT_ID"
            raise BadSetting(
                f"{missing} is not set.",
                field=missing,
                hint="Set both PLAID_CLIENT_ID and PLAID_SECRET, or neither for the sandbox.",
            )
        if self.plaid_env != "local" and not self.plaid_client_id:
            raise BadSetting(
                f"PLAID_ENV is {self.plaid_env} but PLAID_CLIENT_ID is not set.",
                field="PLAID_ENV",
                hint="Set PLAID_CLIENT_ID and PLAID_SECRET, or leave PLAID_ENV out.",
            )

        if bool(self.ollama_url) != bool(self.ollama_model):
            missing = "OLLAMA_MODEL" if self.ollama_url else "OLLAMA_URL"
            raise BadSetting(
                f"{missing} is not set.",
                field=missing,
                hint="Set both OLLAMA_URL and OLLAMA_MODEL, or neither to ask no model.",
            )

    @property
    def base_url(self) -> str:
        """The address of the web pages, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def _default_home(env: Mapping[str, str]) -> Path:
    data = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME") or Path.home()) / ".local/share")
    return Path(data) / "strongroom"


def _read(name: str, variable: str, text: str) -> object:
    if name == "port":
        if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
            raise BadSetting(f"{variable} must be a port number, 0 to 65535.", field=variable)
        return int(text)
    if name == "token_days":
        if not re.fullmatch("[0-9]{1,4}", text):
            raise BadSetting(f"{variable} must be a number of days, 0 to 9999.", field=variable)
        return int(text)
    if name == "import_mebibytes":
        if not re.fullmatch("[0-9]{1,5}", text) or not int(text):
            raise BadSetting(f"{variable} must be a number of MiB, 1 to 99999.", field=variable)
        return int(text)
    if name == "plaid_env" and text not in ("local", "sandbox", "production"):
        raise BadSetting(f"{variable} must be sandbox or production.", field=variable)
    if name == "signup":
        if text not in ("open", "closed"):
            raise BadSetting(f"{variable} must be open or closed.", field=variable)
        return text == "open"
    if name == "log_format" and text not in ("text", "json"):
        raise BadSetting(f"{variable} must be text or json.", field=variable)
    if name == "proxies":
        return _read_networks(variable, text)
    if name == "ollama_url":
        return _read_server(variable, text)
    if name == "database_url":
        _check_address(variable, text)
    return Path(text).expanduser().absolute() if name in ("home", "pg_bin") else text


def _check_address(variable: str, text: str) -> None:
    try:
        conninfo_to_dict(text)
    except ProgrammingError:
        # Neither repeated nor chained: an address may hold a password.
        raise BadSetting(
            f"{variable} is not the address of a PostgreSQL database.",
            field=variable,
            hint="For example postgresql://name:password@localhost:5432/strongroom",
        ) from None


def _read_server(variable: str, text: str) -> str:
    """Read the address of a server: http or https, a host, a port, and nothing secret."""
    try:
        found = urlsplit(text)
        fits = found.scheme in ("http", "https") and found.hostname and found.port != 0
        more = found.username or found.password or found.query or found.fragment
    except ValueError:
        fits, more = None, None
    if not fits or more:
        # Not repeated: it may hold a password.
        raise BadSetting(
            f"{variable} must be the address of a server, without a name or password in it.",
            field=variable,
            hint="For example http://127.0.0.1:11434",
        )
    return text.rstrip("/")


def _read_networks(variable: str, text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part.strip(), strict=False)) for part in text.split(","))
    except ValueError as error:
        raise BadSetting(
            f"{variable} must be addresses or networks, separated by commas.",
            field=variable,
            hint="For example 127.0.0.1,10.0.0.0/8",
        ) from error
