"""Settings: what the environment decides, read once at the start and passed on as a value.

The only module that reads environment variables. ``VARIABLES`` documents each of them; the
reference page is generated from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from strongroom.core.errors import Refused

PlaidEnvironment = Literal["local", "sandbox", "production"]

_Reader = Callable[[str, str], object]
"""Reads a variable's text; raises ``BadSetting``, which names the variable."""

PLAID_COUNTRIES = tuple("US CA GB IE ES FR NL DE IT PL DK NO SE EE LT LV PT BE AT FI".split())
"""Where Plaid has banks: the values of CountryCode in its OpenAPI document."""

OWN_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - as they are written
"""By what this machine reaches itself where every one of its addresses is listened on."""


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
    "plaid_countries": Variable(
        "PLAID_COUNTRY_CODES",
        "The countries whose banks can be linked, separated by commas, as your Plaid account has "
        "them; US,CA if not set, and every country at practice banks of the local stand-in.",
    ),
    "plaid_refresh": Variable(
        "PLAID_REFRESH",
        "Whether Sync now also has Plaid look at the bank at once (/transactions/refresh, which "
        "Plaid bills for each time): on or off. Unset: on at practice banks, off at real ones.",
    ),
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
    plaid_countries: tuple[str, ...] | None = None
    plaid_refresh: bool | None = None
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
        """The address of the web pages, without a slash at the end.

        Where every address of this machine is listened on, the one that this machine has for
        itself: which of the others people come by, only ``public_url`` can tell.
        """
        host = OWN_ADDRESS.get(self.host, self.host)
        shown = f"[{host}]" if ":" in host else host
        return (self.public_url or f"http://{shown}:{self.port}").rstrip("/")

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries whose banks are offered, as ISO 3166-1 codes."""
        if self.plaid_countries is not None:
            return self.plaid_countries
        return PLAID_COUNTRIES if self.plaid_env == "local" else ("US", "CA")

    @property
    def asks_banks(self) -> bool:
        """Whether a person's sync has Plaid look at the bank at once, which it bills."""
        return self.plaid_env != "production" if self.plaid_refresh is None else self.plaid_refresh


def _default_home(env: Mapping[str, str]) -> Path:
    data = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME") or Path.home()) / ".local/share")
    return Path(data) / "strongroom"


def _read(name: str, variable: str, text: str) -> object:
    reader = _READERS.get(name)
    return text if reader is None else reader(variable, text)


def _whole(what: str, least: int, most: int) -> _Reader:
    def read(variable: str, text: str) -> int:
        fits = re.fullmatch(f"[0-9]{{1,{len(str(most))}}}", text)
        if not fits or not least <= int(text) <= most:
            raise BadSetting(f"{variable} must be {what}, {least} to {most}.", field=variable)
        return int(text)

    return read


def _one_of(choices: Mapping[str, object], *, said: str) -> _Reader:
    def read(variable: str, text: str) -> object:
        if text not in choices:
            raise BadSetting(f"{variable} must be {said}.", field=variable)
        return choices[text]

    return read


def _path(_variable: str, text: str) -> Path:
    return Path(text).expanduser().absolute()


def _read_address(variable: str, text: str) -> str:
    try:
        conninfo_to_dict(text)
    except ProgrammingError:
        # Neither repeated nor chained: an address may hold a password.
        raise BadSetting(
            f"{variable} is not the address of a PostgreSQL database.",
            field=variable,
            hint="For example postgresql://name:password@localhost:5432/strongroom",
        ) from None
    return text


def _read_countries(variable: str, text: str) -> tuple[str, ...]:
    """Read countries as Plaid's quickstart has them: ``US,CA``."""
    codes = [part.strip().upper() for part in text.split(",") if part.strip()]
    unknown = [code for code in codes if code not in PLAID_COUNTRIES]
    if not codes or unknown:
        raise BadSetting(
            f"{variable} must be countries that Plaid has banks in, separated by commas.",
            field=variable,
            hint=f"For example US,CA. Plaid has: {', '.join(PLAID_COUNTRIES)}.",
        )
    return tuple(dict.fromkeys(codes))


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


_READERS: Mapping[str, _Reader] = {
    "home": _path,
    "pg_bin": _path,
    "port": _whole("a port number", 0, 65535),
    "token_days": _whole("a number of days", 0, 9999),
    "import_mebibytes": _whole("a number of MiB", 1, 99999),
    "plaid_env": _one_of(
        {name: name for name in ("local", "sandbox", "production")}, said="sandbox or production"
    ),
    "plaid_countries": _read_countries,
    "plaid_refresh": _one_of({"on": True, "off": False}, said="on or off"),
    "signup": _one_of({"open": True, "closed": False}, said="open or closed"),
    "log_format": _one_of({"text": "text", "json": "json"}, said="text or json"),
    "proxies": _read_networks,
    "ollama_url": _read_server,
    "database_url": _read_address,
}
