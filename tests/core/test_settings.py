"""Settings: read once from the environment; what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from strongroom.core.settings import VARIABLES, BadSetting, Settings
from strongroom.sandbox.plaid.fields import COUNTRIES


def read(**environment: str) -> Settings:
    return Settings.from_environment({"HOME": "/home/kari", **environment})


def test_nothing_needs_to_be_set() -> None:
    settings = read()
    assert settings.home == Path("/home/kari/.local/share/strongroom")
    assert (settings.host, settings.port, settings.plaid_env) == ("127.0.0.1", 8400, "local")
    assert settings.base_url == "http://127.0.0.1:8400"
    assert settings.signup and settings.database_url is None
    assert read(XDG_DATA_HOME="/data").home == Path("/data/strongroom")


def test_everything_can_be_set() -> None:
    settings = read(
        STRONGROOM_HOME="/srv/strongroom", STRONGROOM_PORT=" 9000 ", STRONGROOM_HOST="0.0.0.0",
        STRONGROOM_URL="https://money.example.org/", STRONGROOM_SIGNUP="closed",
        STRONGROOM_PROXIES="127.0.0.1, 10.1.2.3/8,::1", STRONGROOM_LOG="json",
        DATABASE_URL="postgresql://u:s3cret@db/x", PLAID_CLIENT_ID="abc", PLAID_SECRET="p-secret",
        PLAID_ENV="production", STRONGROOM_TOKEN_DAYS="0",
    )  # fmt: skip
    assert settings.token_days == 0
    assert (settings.home, settings.port, settings.host) == (
        Path("/srv/strongroom"), 9000, "0.0.0.0",
    )  # fmt: skip
    assert settings.base_url == "https://money.example.org"
    assert not settings.signup
    assert settings.proxies == ("127.0.0.1/32", "10.0.0.0/8", "::1/128")
    assert settings.plaid_env == "production"
    for secret in ("s3cret", "p-secret"):
        assert secret not in repr(settings)


def test_keys_alone_mean_plaids_sandbox() -> None:
    assert read(PLAID_CLIENT_ID="abc", PLAID_SECRET="s").plaid_env == "sandbox"
    assert read(PLAID_CLIENT_ID="  ", PLAID_SECRET="").plaid_env == "local"


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"STRONGROOM_PORT": "http"}, "0 to 65535"),
        ({"STRONGROOM_PORT": "65536"}, "0 to 65535"),
        ({"STRONGROOM_PORT": "-1"}, "0 to 65535"),
        ({"STRONGROOM_PORT": "²"}, "0 to 65535"),
        ({"STRONGROOM_PORT": "1" * 5000}, "0 to 65535"),
        ({"STRONGROOM_SIGNUP": "yes"}, "open or closed"),
        ({"STRONGROOM_LOG": "xml"}, "text or json"),
        ({"STRONGROOM_PROXIES": "127.0.0.1,proxy"}, "addresses or networks"),
        ({"STRONGROOM_TOKEN_DAYS": "soon"}, "number of days"),
        ({"OLLAMA_URL": "127.0.0.1:11434"}, "address of a server"),
        ({"OLLAMA_URL": "ftp://127.0.0.1"}, "address of a server"),
        ({"OLLAMA_URL": "http://[::1"}, "address of a server"),
        ({"OLLAMA_URL": "http://kari:secret@127.0.0.1"}, "without a name or password"),
        ({"OLLAMA_URL": "http://127.0.0.1?key=secret"}, "address of a server"),
        ({"PLAID_ENV": "development"}, "sandbox or production"),
        ({"PLAID_COUNTRY_CODES": "US,XX"}, "countries that Plaid has banks in"),
        ({"PLAID_COUNTRY_CODES": ","}, "countries that Plaid has banks in"),
        ({"PLAID_REFRESH": "yes"}, "on or off"),
        ({"PLAID_ENV": "production"}, "PLAID_CLIENT_ID is not set"),
    ],
)
def test_what_cannot_be_used_is_named(environment: dict[str, str], says: str) -> None:
    with pytest.raises(BadSetting, match=says) as refused:
        read(**environment)
    assert refused.value.field == next(iter(environment))
    assert refused.value.field in refused.value.message
    assert "secret" not in refused.value.message


def test_which_countries_banks_are_offered() -> None:
    keys = {"PLAID_CLIENT_ID": "abc", "PLAID_SECRET": "s"}
    assert read(**keys).countries == ("US", "CA")
    assert read(**keys, PLAID_COUNTRY_CODES="no, GB,no").countries == ("NO", "GB")
    assert set(read().countries) == COUNTRIES


def test_real_banks_are_not_asked_at_a_price_unless_that_is_set() -> None:
    real = {"PLAID_CLIENT_ID": "abc", "PLAID_SECRET": "s", "PLAID_ENV": "production"}
    assert read().asks_banks and not read(**real).asks_banks
    assert read(**real, PLAID_REFRESH="on").asks_banks
    assert not read(PLAID_REFRESH="off").asks_banks


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("::1", "http://[::1]:8400"),
        ("0.0.0.0", "http://127.0.0.1:8400"),
        ("::", "http://[::1]:8400"),
    ],
)
def test_the_address_is_one_that_a_browser_takes(host: str, address: str) -> None:
    assert read(STRONGROOM_HOST=host).base_url == address


@pytest.mark.parametrize(
    ("given", "missing"),
    [("PLAID_CLIENT_ID", "PLAID_SECRET"), ("PLAID_SECRET", "PLAID_CLIENT_ID")],
)
def test_half_of_plaids_keys_is_none(given: str, missing: str) -> None:
    with pytest.raises(BadSetting, match=f"{missing} is not set") as refused:
        read(**{given: "secret-value"})
    assert (refused.value.field, "secret-value" in str(refused.value)) == (missing, False)
    assert refused.value.hint is not None


def test_a_model_needs_an_address_and_a_name() -> None:
    settings = read(OLLAMA_URL="http://127.0.0.1:11434/", OLLAMA_MODEL="llama3.2:3b")
    assert (settings.ollama_url, settings.ollama_model) == ("http://127.0.0.1:11434", "llama3.2:3b")
    for given, missing in (("OLLAMA_URL", "OLLAMA_MODEL"), ("OLLAMA_MODEL", "OLLAMA_URL")):
        with pytest.raises(BadSetting, match=f"{missing} is not set"):
            read(**{given: "http://127.0.0.1"})


def test_each_variable_is_a_setting_and_says_what_it_decides() -> None:
    assert set(VARIABLES) == set(Settings.__slots__)
    assert all(one.name.isupper() and one.says.endswith(".") for one in VARIABLES.values())
