from __future__ import annotations

import io
import json
import logging
import secrets
import string
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core import log
from strongroom.core.errors import Refused

_TOKEN_CHARACTERS = string.ascii_letters + string.digits + "-_"


class Captured(io.StringIO):
    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def stream(request: pytest.FixtureRequest) -> Iterator[Captured]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    captured = Captured()
    log.configure(as_json=request.param, stream=captured)
    yield captured
    logging.captureWarnings(False)
    root.handlers[:] = before
    root.setLevel(level)


def uuids() -> st.SearchStrategy[str]:
    return st.uuids().map(str)


def random_text(size: int) -> st.SearchStrategy[str]:
    # Drawn by the system, not by hypothesis: real tokens are random, "AAAA..." is none.
    return st.builds(lambda: secrets.token_urlsafe(size))


TOKENS = st.one_of(
    st.builds(
        "{}-{}-{}".format,
        st.sampled_from(["access", "public", "link", "processor"]),
        st.sampled_from(["sandbox", "production", "development"]),
        uuids(),
    ),
    st.builds("{}-{}".format, st.sampled_from(["access", "public", "link"]), uuids()),
    st.builds("srt_{}".format, st.text(_TOKEN_CHARACTERS, min_size=8, max_size=60)),
    random_text(32),
    random_text(48),
    st.builds(lambda: b64encode(secrets.token_bytes(32)).decode()),
    st.builds(lambda: secrets.token_hex(15)),
    st.builds(lambda: secrets.token_hex(32)),
    st.builds("eyJ{}.eyJ{}.{}".format, random_text(20), random_text(20), random_text(30)),
)
AROUND = st.sampled_from(
    ["{}", "it was {}.", "({})", '"{}"', "a={} b", "x: '{}', y", "[{}]", "{},"]
)


@given(token=TOKENS, around=AROUND, as_json=st.booleans(), place=st.sampled_from("maexn"))
def test_no_token_comes_through_wherever_it_is_put(
    token: str, around: str, as_json: bool, place: str
) -> None:
    text = around.format(token)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JsonLines() if as_json else log.Lines())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError(text)
    except ValueError as error:
        match place:
            case "m":
                logger.info(text.replace("%", "%%"))
            case "a":
                logger.info("it said %s", text)
            case "e":
                logger.info("it said so", extra={"answer": text})
            case "x":
                logger.exception("it broke")
            case _:
                logger.info("it broke: %s", error)
    written = stream.getvalue()
    assert written
    assert token not in written
    assert token[len(token) // 2 :] not in written
    if as_json:
        json.loads(written)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef123456",
        "authorization=Basic dXNlcjpodW50ZXIy",
        "password=hunter2hunter2",
        "'secret': 'hunter2hunter2'",
        '{"client_secret": "hunter2hunter2"}',
        "postgresql://strongroom:hunter2hunter2@db.example/money",
        "host=db user=x password='hunter2hunter2' dbname=y",
        "Cookie: hunter2hunter2",
    ],
)
def test_what_is_named_a_secret_is_hidden(stream: Captured, text: str) -> None:
    logging.getLogger("t").warning(text)
    written = stream.take()
    assert log.HIDDEN in written
    for secret in ("hunter2hunter2", "abcdef123456", "dXNlcjpodW50ZXIy"):
        assert secret not in written


@pytest.mark.parametrize("name", ["password", "access_token", "apikey", "client_secret", "cookie"])
def test_a_field_that_is_named_like_a_secret_is_hidden(stream: Captured, name: str) -> None:
    logging.getLogger("t").warning("signed in", extra={name: "hunter2"})
    written = stream.take()
    assert "hunter2" not in written
    assert log.HIDDEN in written


def test_what_helps_to_find_a_fault_stays(stream: Captured) -> None:
    item = f"itm_{uuid4().hex}"
    place = "/home/Someone/strongroom/src/strongroom/connections/syncing.py"
    with log.bound(request="0192c3d4e5f60718293a4b5c6d7e8f90"):
        logging.getLogger("t").warning(
            "the access to %s was made public; link it", place,
            extra={"item": item, "rows": 12, "sum": Decimal("12.30")},
        )  # fmt: skip
    written = stream.take()
    for kept in (item, place, "12.30", "0192c3d4e5f60718293a4b5c6d7e8f90", "made public; link it"):
        assert kept in written
    assert log.HIDDEN not in written


def test_secrets_that_the_process_holds_are_hidden_whatever_their_shape(stream: Captured) -> None:
    log.hide(["correct horse battery", None, ""])
    logging.getLogger("t").warning("tried correct horse battery at the door")
    assert "horse" not in stream.take()


def test_only_plain_values_are_written_and_other_things_show_as_their_type(
    stream: Captured,
) -> None:
    class Row:
        def __repr__(self) -> str:
            return "balance 1234"

    logging.getLogger("t").warning(
        "took %s and %s", Row(), {"iban": "NO93"}, extra={"row": Row(), "raw": b"NO93"}
    )
    written = stream.take()
    assert "1234" not in written
    assert "NO93" not in written
    assert "<Row>" in written and "<dict>" in written and "<bytes>" in written


def test_a_person_s_row_that_postgres_quotes_stays_out(stream: Captured, server_dsn: str) -> None:
    with psycopg.connect(server_dsn, autocommit=True) as db:
        db.execute("CREATE TEMPORARY TABLE people (email text PRIMARY KEY)")
        db.execute("INSERT INTO people VALUES ('ola@example.org')")
        try:
            db.execute("INSERT INTO people VALUES ('ola@example.org')")
        except psycopg.Error:
            logging.getLogger("t").exception("could not add")
    written = stream.take()
    assert "ola@example.org" not in written
    assert "23505" in written
    assert "people_pkey" in written


def test_one_event_stays_one_line(stream: Captured) -> None:
    logging.getLogger("t").warning("first\n2026-01-01 forged\x1b[2J %s", "a\r\nb")
    written = stream.take()
    assert written.count("\n") == 1
    assert "\x1b" not in written and "\r" not in written


def test_a_trace_tells_where_and_why_through_its_causes(stream: Captured) -> None:
    try:
        try:
            raise KeyError("balance")
        except KeyError as error:
            raise Refused("The bank sent no balance.") from error
    except Refused:
        logging.getLogger("t").exception("the job failed")
    written = stream.take()
    assert "KeyError" in written
    assert "Refused: The bank sent no balance." in written
    assert written.index("KeyError") < written.index("Refused")
    assert "test_log.py" in written


def test_a_message_whose_arguments_do_not_fit_is_written_all_the_same() -> None:
    record = logging.makeLogRecord({"msg": "%s and %s", "args": ("one",), "name": "t"})
    assert "%s and %s" in log.Lines().format(record)
    assert json.loads(log.JsonLines().format(record))["message"] == "%s and %s"
