"""The key ring: made once, kept from others, and refused when it is weak or open."""

from __future__ import annotations

import base64
import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core import keys
from strongroom.core.keys import BadKeyRing, KeyRing
from strongroom.core.settings import Settings


def test_the_first_start_makes_it_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "deep" / "home")
    made = keys.load(settings)
    path = settings.home / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.home.stat().st_mode) & 0o077 == 0
    assert list(settings.home.iterdir()) == [path]
    assert keys.load(settings) == made
    assert len(made.root) == len(made.keys[made.current]) == 32
    assert made.root != made.keys[made.current]
    assert keys.new_ring() != keys.new_ring()


def test_of_processes_that_start_at_once_one_ring_wins(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from strongroom.core import keys;"
        "from strongroom.core.settings import Settings; sys.stdin.read();"
        "print(keys.load(Settings(home=Path(sys.argv[1]))).to_json())"
    )
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "home")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    for one in starting:  # all are up and wait; now they go
        assert one.stdin is not None
        one.stdin.close()
        one.stdin = None
    rings = {one.communicate()[0] for one in starting}
    assert [one.returncode for one in starting] == [0] * 6
    assert len(rings) == 1
    assert json.loads(rings.pop())["root"]
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["keys.json"]


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    keys.load(settings)
    for mode in (0o640, 0o604, 0o666):
        (tmp_path / "keys.json").chmod(mode)
        with pytest.raises(BadKeyRing, match="other users") as refused:
            keys.load(settings)
        assert "chmod 600" in str(refused.value.hint)


def ring_text(**changes: object) -> str:
    ring = KeyRing("k1", {"k1": bytes(range(32))}, bytes(range(32, 64)))
    return json.dumps({**json.loads(ring.to_json()), **changes})


def shown(key: bytes) -> str:
    return base64.b64encode(key).decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "7", "{}",
        ring_text(current="k9"),
        ring_text(keys={}),
        ring_text(keys=[]),
        ring_text(keys={"k1": "not base64!"}),
        ring_text(keys={"k1": shown(b"\0" * 32)}),
        ring_text(keys={"k1": shown(b"abc" * 10 + b"ab")}),
        ring_text(keys={"k1": shown(bytes(range(31)))}),
        ring_text(keys={"k1": shown(bytes(range(33)))}),
        ring_text(root=shown(b"")),
        ring_text(root=shown(b"x" * 32)),
        ring_text(root=None),
    ],
)  # fmt: skip
def test_weak_and_broken_rings_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadKeyRing, match="STRONGROOM_KEYS") as refused:
        keys.load(Settings(home=tmp_path, key_ring=text))
    assert "backup" in str(refused.value.hint)
    path = tmp_path / "keys.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadKeyRing, match=r"keys\.json"):
        keys.load(Settings(home=tmp_path))
    assert path.read_text() == text  # never overwritten: it may be all there is


def test_a_production_database_brings_its_ring(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "new", database_url="postgresql://x", plaid_env="production"
    )
    with pytest.raises(BadKeyRing, match="no key ring"):
        keys.load(settings)
    assert not (tmp_path / "new").exists()


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    given_ring = keys.new_ring()
    keys.load(Settings(home=tmp_path))
    loaded = keys.load(Settings(home=tmp_path, key_ring=given_ring.to_json()))
    assert loaded == given_ring


def test_a_saved_ring_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "home" / "keys.json"
    first = keys.new_ring()
    second = first.with_new_key()
    for ring in (first, second):
        keys.save(path, ring)
        assert keys.load(Settings(home=path.parent)) == ring
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.with_suffix(".new").write_text("half a ri")  # what a crash may leave
    keys.save(path, first)
    assert keys.load(Settings(home=path.parent)) == first


def test_a_new_key_wraps_and_the_old_ones_open() -> None:
    first = keys.new_ring()
    second = first.with_new_key()
    assert second.current == "k2" != first.current
    assert second.keys["k1"] == first.keys["k1"]
    assert second.root == first.root
    assert second.derive("audit chain") == first.derive("audit chain")


def test_a_new_key_takes_no_name_that_is_in_use() -> None:
    ring = keys.new_ring().with_new_key().with_new_key()
    kept = KeyRing(ring.current, {name: ring.keys[name] for name in ("k2", "k3")}, ring.root)
    third = kept.with_new_key()
    assert third.current == "k4"
    assert {name: third.keys[name] for name in kept.keys} == kept.keys
    assert third.fingerprint() == ring.fingerprint() != keys.new_ring().fingerprint()


_PURPOSES = st.text(min_size=1, max_size=20)


@given(_PURPOSES, _PURPOSES)
def test_each_purpose_has_its_own_secret(one: str, other: str) -> None:
    ring = KeyRing("k1", {"k1": bytes(range(32))}, bytes(range(32, 64)))
    assert (ring.derive(one) == ring.derive(other)) is (one == other)
    assert len(ring.derive(one)) == 32
    assert ring.derive(one) not in (ring.root, ring.keys["k1"])


def test_no_key_shows(tmp_path: Path) -> None:
    ring = keys.new_ring()
    told = repr(ring) + str(ring)
    for key in (ring.root, *ring.keys.values()):
        assert shown(key) not in told
        assert repr(key)[2:-1] not in told
