"""Webhook signatures: Plaid's are taken; forged, stale and altered ones are not, nor a flood."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from strongroom.connections import BadWebhook, FeedError, WebhookKeys
from tests.connections.conftest import Kari, hook
from tests.sandbox_plaid.conftest import Inbox, Sandbox

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BODY = b'{\n  "webhook_type": "ITEM",\n  "item_id": "\xc3\xa5"\n}'
_UNKNOWN = {"error_type": "INVALID_INPUT", "error_code": "INVALID_WEBHOOK_VERIFICATION_KEY_ID"}


class Plaid:
    """Someone who signs webhooks and publishes keys, and counts how often it was asked."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.expired: dict[str, int] = {}
        self.asked: list[str] = []
        self.down = False
        self.new_key("k1")

    def new_key(self, name: str) -> None:
        self.keys[name] = ec.generate_private_key(ec.SECP256R1())

    async def fetch(self, name: str) -> dict[str, Any]:
        self.asked.append(name)
        if self.down:
            raise FeedError("down", error_type="NETWORK", error_code="NO_ANSWER")
        if name not in self.keys:
            raise FeedError("no such key", **_UNKNOWN)
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.keys[name].public_key()))
        expired_at = self.expired.get(name)
        return {**public, "alg": "ES256", "kid": name, "use": "sig", "expired_at": expired_at}

    async def fetch_slowly(self, name: str) -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return await self.fetch(name)

    def sign(self, body: bytes = BODY, *, kid: Any = "k1", at: datetime = NOW, **more: Any) -> str:
        claims = {
            "iat": int(at.timestamp()), "request_body_sha256": hashlib.sha256(body).hexdigest(),
            **more.pop("claims", {}),
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        key = more.pop("key", self.keys.get(str(kid)))
        headers = {} if kid is None else {"kid": kid}
        return jwt.encode(claims, key, more.pop("alg", "ES256"), headers=headers)


@pytest.fixture
def plaid() -> Plaid:
    return Plaid()


def check(
    keys: WebhookKeys, signature: str | None, body: bytes = BODY, now: datetime = NOW
) -> None:
    asyncio.run(keys.verify(body, signature, now))


def refused(keys: WebhookKeys, signature: str | None, **more: Any) -> str:
    with pytest.raises(BadWebhook) as error:
        check(keys, signature, **more)
    return error.value.message


def test_what_plaid_signed_is_taken(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    for seconds in (0, 60, 299, -20):
        check(keys, plaid.sign(at=NOW - timedelta(seconds=seconds)))
    assert plaid.asked == ["k1"]


def test_the_sandbox_signs_as_plaid_does(kari: Kari, sandbox: Sandbox, inbox: Inbox) -> None:
    item = kari.linked()
    body, signature = hook(inbox, "INITIAL_UPDATE", item)
    token = jwt.get_unverified_header(signature)["kid"]

    async def fetch(name: str) -> dict[str, Any]:
        return await kari.links.feed().webhook_key(name)

    asyncio.run(WebhookKeys(fetch).verify(body, signature, datetime.now(UTC)))
    with pytest.raises(BadWebhook):
        asyncio.run(WebhookKeys(fetch).verify(body + b" ", signature, datetime.now(UTC)))
    assert sandbox.post("/webhook_verification_key/get", key_id=token)["key"]["kid"] == token


def test_stale_on_both_sides(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    for seconds in (301, 86_400, -31, -86_400):
        assert "old" in refused(keys, plaid.sign(at=NOW - timedelta(seconds=seconds)))


def test_altered_bodies(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    signature = plaid.sign()
    for altered in (BODY + b"\n", BODY.replace(b"  ", b" "), b"", BODY.replace(b"ITEM", b"ITEN")):
        assert "altered" in refused(keys, signature, body=altered)


@pytest.mark.parametrize(
    "claims",
    [
        {"request_body_sha256": None},
        {"request_body_sha256": ""},
        {"request_body_sha256": 7},
        {"request_body_sha256": "é"},
        {"request_body_sha256": hashlib.sha256(BODY).hexdigest().upper()},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
    ],
)
def test_claims_that_are_not_plaids(plaid: Plaid, claims: dict[str, Any]) -> None:
    refused(WebhookKeys(plaid.fetch), plaid.sign(claims=claims))


def test_forged(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert "not signed by Plaid" in refused(keys, plaid.sign(key=stranger))
    head, claims, mark = plaid.sign().split(".")
    for forged in (f"{head}.{claims}.", f"{head}.{claims}.{mark[:-4]}AAAA", f"{head}..{mark}"):
        refused(keys, forged)


def _unsigned(plaid: Plaid) -> str:
    return plaid.sign(key=None, alg="none")


def _with_the_public_key_as_secret(plaid: Plaid) -> str:
    """The old trick: HS256, with what everybody knows as the shared secret."""
    public = plaid.keys["k1"].public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, claims, _ = plaid.sign(alg="HS256", key="x" * 40).split(".")
    mark = hmac.digest(pem, f"{head}.{claims}".encode(), "sha256")
    return f"{head}.{claims}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "make",
    [
        _unsigned,
        _with_the_public_key_as_secret,
        lambda plaid: plaid.sign(kid=None, key=plaid.keys["k1"]),
        lambda plaid: None,
        lambda plaid: "",
        lambda plaid: "not.a.token",
        lambda plaid: "é",
        lambda plaid: "a" * 100_000,
    ],
)
def test_no_key_is_looked_up_for_what_plaid_never_sends(
    plaid: Plaid, make: Callable[[Plaid], str | None]
) -> None:
    refused(WebhookKeys(plaid.fetch), make(plaid))
    assert plaid.asked == []


def test_unknown_ids_are_asked_for_once_in_their_window(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    forged = plaid.sign(kid="k9", key=plaid.keys["k1"])
    for seconds in (0, 1, 30, 59):
        assert "unknown key" in refused(keys, forged, now=NOW + timedelta(seconds=seconds))
    assert plaid.asked == ["k9"]
    plaid.new_key("k9")  # published a moment later than it was used
    check(keys, plaid.sign(kid="k9"), now=NOW + timedelta(seconds=61))
    assert plaid.asked == ["k9", "k9"]


def test_known_ids_are_asked_for_once_a_day(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    for hours in (0, 1, 23, 25, 26):
        at = NOW + timedelta(hours=hours)
        check(keys, plaid.sign(at=at), now=at)
    assert plaid.asked == ["k1", "k1"]


def test_expired_keys_open_nothing(plaid: Plaid) -> None:
    plaid.expired["k1"] = int(NOW.timestamp()) - 5
    keys = WebhookKeys(plaid.fetch)
    assert "unknown key" in refused(keys, plaid.sign())
    assert "unknown key" in refused(keys, plaid.sign())
    assert plaid.asked == ["k1"]


def test_a_new_key_makes_the_old_ones_prove_themselves_again(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    check(keys, plaid.sign())
    plaid.new_key("k2")
    plaid.expired["k1"] = int(NOW.timestamp())
    check(keys, plaid.sign())  # nobody has heard of the change yet
    check(keys, plaid.sign(kid="k2"))
    assert "unknown key" in refused(keys, plaid.sign())
    check(keys, plaid.sign(kid="k2"))
    assert plaid.asked == ["k1", "k2", "k1"]


def test_while_plaid_is_down_nothing_is_decided(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    plaid.down = True
    with pytest.raises(FeedError):  # answered 5xx: Plaid sends it again
        check(keys, plaid.sign())
    plaid.down = False
    check(keys, plaid.sign())


def test_a_flood_of_forged_ids_is_bounded_and_keeps_nobody_out(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch)
    check(keys, plaid.sign())
    forger = ec.generate_private_key(ec.SECP256R1())
    for number in range(400):
        refused(keys, plaid.sign(kid=f"forged{number}", key=forger))
    assert len(plaid.asked) <= 31
    check(keys, plaid.sign())
    tomorrow = NOW + timedelta(hours=25)
    for number in range(400):
        refused(keys, plaid.sign(kid=f"more{number}", key=forger, at=tomorrow), now=tomorrow)
    check(keys, plaid.sign(at=tomorrow), now=tomorrow)  # a good key is asked for all the same
    later = tomorrow + timedelta(minutes=2)
    plaid.new_key("k2")
    check(keys, plaid.sign(kid="k2", at=later), now=later)


def test_a_crowd_asks_for_a_key_once_and_a_flood_at_once_is_bounded(plaid: Plaid) -> None:
    keys = WebhookKeys(plaid.fetch_slowly)
    forger = ec.generate_private_key(ec.SECP256R1())

    async def crowd(*signatures: str) -> list[datetime | BaseException]:
        told = (keys.verify(BODY, one, NOW) for one in signatures)
        return list(await asyncio.gather(*told, return_exceptions=True))

    assert asyncio.run(crowd(*[plaid.sign()] * 50)) == [NOW] * 50
    assert plaid.asked == ["k1"]
    flood = [plaid.sign(kid=f"forged{number}", key=forger) for number in range(200)]
    *refusals, good = asyncio.run(crowd(*flood, plaid.sign()))
    assert {type(one) for one in refusals} == {BadWebhook}
    assert good == NOW
    assert len(plaid.asked) <= 31


@pytest.mark.parametrize(
    "change",
    [{"x": "!"}, {"x": None}, {"x": 7}, {"kty": "RSA"}, {"kty": None}, {"crv": "P-384"}, {"y": ""}],
)
def test_a_key_that_makes_no_sense_opens_nothing(plaid: Plaid, change: dict[str, Any]) -> None:
    async def fetch(name: str) -> dict[str, Any]:
        return {**await plaid.fetch(name), **change}

    assert "unknown key" in refused(WebhookKeys(fetch), plaid.sign())


@pytest.mark.parametrize("kid", ["", "a\0b", "k" * 101, "å", "a b"])
def test_ids_that_no_key_has_are_not_asked_for(plaid: Plaid, kid: str) -> None:
    refused(WebhookKeys(plaid.fetch), plaid.sign(kid=kid, key=plaid.keys["k1"]))
    assert plaid.asked == []
