"""Tags, parts and attachments of rows at their doors: what is kept, refused, and adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.core.errors import NotFound
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.core.money import BadAmount, Currency, Money
from strongroom.core.vault import Vault
from strongroom.transactions import attachments, splits, tags
from strongroom.transactions.attachments import AttachmentId, AttachmentIsRefused
from strongroom.transactions.attachments.rules import accept
from strongroom.transactions.splits import BadPart, Part, SplitDoesNotAddUp
from strongroom.transactions.splits import rules as split_rules
from strongroom.transactions.tags import Tag, TagId
from tests.book import NOK, NOW, apply, category, item, page, person, report, row, take_in, values
from tests.book import by_name as named
from tests.identity.conftest import World

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
PDF = b"%PDF-1.7\nKVITTERING 249,00\n%%EOF\n"


@dataclass
class Home:
    """Somebody with a bank, whose rows are called r1 to r4; each -100 but the last, 250 in."""

    world: World
    owner: UserId
    known: Any
    vault: Vault

    def row(self, name: str) -> TransactionId:
        return named(self.world, self.owner)[f"ROW {name}"].id

    def tag(self, *names: str, add: Any = (), remove: Any = ()) -> int:
        rows = [self.row(one) for one in names]
        return self.world.within(
            self.owner,
            lambda db: tags.change_tags(
                db, owner=self.owner, transaction_ids=rows, add=add, remove=remove, now=NOW
            ),
        )

    def tags(self, name: str) -> list[str]:
        return [one.name for one in self.tags_of(name)]

    def tags_of(self, name: str) -> list[Tag]:
        row_id = self.row(name)
        found = self.world.within(
            self.owner, lambda db: tags.tags_of(db, owner=self.owner, transaction_ids=[row_id])
        )
        return list(found.get(row_id, []))

    def tag_id(self, name: str) -> TagId:
        known = self.world.within(self.owner, lambda db: tags.list_tags(db, owner=self.owner))
        return next(one.id for one in known if one.name == name)

    def split(self, name: str, *parts: tuple[str, str]) -> splits.Split:
        told = [Part(category(self.world, self.owner, key), Decimal(a)) for key, a in parts]
        row_id = self.row(name)
        return self.world.within(
            self.owner,
            lambda db: splits.split(
                db, owner=self.owner, transaction_id=row_id, parts=told, now=NOW
            ),
        )

    def split_of(self, name: str) -> splits.Split:
        row_id = self.row(name)
        return self.world.within(
            self.owner, lambda db: splits.split_of(db, owner=self.owner, transaction_id=row_id)
        )

    def attach(self, name: str, file: str, content: bytes) -> attachments.Attachment:
        row_id = self.row(name)
        return self.world.within(
            self.owner,
            lambda db: attachments.attach(
                db, self.vault, owner=self.owner, transaction_id=row_id, name=file,
                content=content, now=NOW,
            ),
        )  # fmt: skip

    def attached(self, name: str) -> list[attachments.Attachment]:
        row_id = self.row(name)
        return self.world.within(
            self.owner,
            lambda db: attachments.attachments_of(db, owner=self.owner, transaction_ids=[row_id]),
        )

    def sums(self) -> dict[str, Decimal]:
        """The kept sums by category, without those that are nothing."""
        rows = values(
            self.world,
            "SELECT coalesce(c.name, c.key), sum(m.counted) FROM monthly_totals m"
            " JOIN categories c ON c.user_id = m.user_id AND c.id = m.category_id"
            " WHERE m.user_id = %s GROUP BY 1 HAVING sum(m.counted) <> 0",
            self.owner,
        )
        return dict(rows)

    def journal(self, name: str) -> list[tuple[Any, ...]]:
        return values(
            self.world,
            "SELECT cause, before, after FROM book_changes"
            " WHERE user_id = %s AND transaction_id = %s ORDER BY id",
            self.owner, self.row(name),
        )  # fmt: skip


@pytest.fixture
def home(world: World) -> Iterator[Home]:
    owner = person(world)
    known = take_in(world, owner, item(world, owner), report("checking", "1000"))
    rows = [row(f"r{n}", "100") for n in (1, 2, 3)]
    apply(world, owner, known, page(*rows, row("r4", "-250", pfc_detailed="INCOME_SALARY")))
    yield Home(world, owner, known, Vault(world.place.ring))


def test_tags_are_put_on_many_rows_and_taken_off(home: Home) -> None:
    assert home.tag("r1", "r2", add=["Trip", "#work "]) == 2
    assert home.tags("r1") == ["Trip", "work"]
    # The same name, in other letters, is the same tag; what is there already changes nothing.
    assert home.tag("r1", "r2", add=["trip"]) == 0
    assert home.tag("r1", "r3", add=["TRIP"], remove=["Work", "unheard of"]) == 2
    assert [home.tags(one) for one in ("r1", "r2", "r3")] == [["Trip"], ["Trip", "work"], ["Trip"]]
    assert home.journal("r1")[-1] == ("person", {"tags": ["Trip", "work"]}, {"tags": ["Trip"]})
    known = home.world.within(home.owner, lambda db: tags.list_tags(db, owner=home.owner))
    assert [(one.name, one.rows) for one in known] == [("Trip", 3), ("work", 1)]


def test_a_row_has_exactly_the_tags_that_are_set(home: Home) -> None:
    home.tag("r1", add=["a", "b"])
    row_id = home.row("r1")
    set_ = home.world.within(
        home.owner,
        lambda db: tags.set_tags(
            db, owner=home.owner, transaction_id=row_id, names=["B", "c"], now=NOW
        ),
    )
    assert [one.name for one in set_] == ["b", "c"]


def test_a_tag_is_renamed_and_removed_everywhere(home: Home) -> None:
    home.tag("r1", "r2", add=["old"])
    home.tag("r3", add=["other"])

    def rename(tag_id: TagId, name: str) -> Any:
        return home.world.within(
            home.owner,
            lambda db: tags.rename_tag(db, owner=home.owner, tag_id=tag_id, name=name, now=NOW),
        )

    assert rename(home.tag_id("old"), "New").rows == 2
    assert rename(home.tag_id("New"), "NEW").name == "NEW"
    with pytest.raises(tags.TagExists, match="Another tag is called"):
        rename(home.tag_id("other"), "new")
    with pytest.raises(tags.TagNotFound):
        rename(TagId(new_id()), "x")
    tag_id = home.tag_id("NEW")
    gone = home.world.within(
        home.owner, lambda db: tags.remove_tag(db, owner=home.owner, tag_id=tag_id, now=NOW)
    )
    assert gone == 2
    assert home.tags("r1") == []
    assert home.journal("r1")[-1] == ("person", {"tags": ["NEW"]}, {"tags": []})


@pytest.mark.parametrize("name", ["x" * 51, "a, b"])
def test_what_cannot_be_a_tag_is_refused_and_nothing_kept(home: Home, name: str) -> None:
    with pytest.raises(tags.TagIsNoName, match="cannot be a tag"):
        home.tag("r1", add=["fine", name])
    assert home.tags("r1") == []


def test_a_row_has_so_many_tags_and_no_more(home: Home) -> None:
    home.tag("r1", add=[f"t{n}" for n in range(30)])
    with pytest.raises(tags.TooManyTags, match="at most 30 tags"):
        home.tag("r1", "r2", add=["one more"])
    assert home.tags("r2") == []


def test_a_rule_tags_without_a_persons_hand(home: Home) -> None:
    rows = [home.row("r1")]
    changed = home.world.within(
        home.owner,
        lambda db: tags.tag_by_rule(
            db, owner=home.owner, transaction_ids=rows, names=["auto"], now=NOW
        ),
    )
    assert list(changed) == rows
    assert [one.tagged_by for one in home.tags_of("r1")] == ["rule"]
    assert edited(home, "r1") is None


def edited(home: Home, name: str) -> Any:
    query = "SELECT edited_at FROM transactions WHERE user_id = %s AND id = %s"
    return values(home.world, query, home.owner, home.row(name))[0][0]


def test_somebody_elses_rows_and_tags_are_not_there(home: Home) -> None:
    other = person(home.world)
    home.tag("r1", add=["mine"])
    row_id, tag_id = home.row("r1"), home.tag_id("mine")
    for work in (
        lambda db: tags.change_tags(
            db, owner=other, transaction_ids=[row_id], add=["theirs"], now=NOW
        ),
        lambda db: tags.remove_tag(db, owner=other, tag_id=tag_id, now=NOW),
        lambda db: splits.split(db, owner=other, transaction_id=row_id, parts=[], now=NOW),
        lambda db: attachments.attach(
            db, home.vault, owner=other, transaction_id=row_id, name="a.pdf", content=PDF, now=NOW
        ),
    ):
        with pytest.raises(NotFound):
            home.world.within(other, work)
    assert home.tags("r1") == ["mine"]


def test_a_mark_is_a_persons_hand_that_no_sync_takes_away(home: Home) -> None:
    home.tag("r1", add=["keep"])
    home.split("r2", ("groceries", "-60"), ("pets", "-40"))
    home.attach("r3", "receipt.pdf", PDF)
    kept = [home.row(name) for name in ("r1", "r2", "r3")]
    gone = page(removed=["r1", "r2", "r3", "r4"])
    apply(home.world, home.owner, home.known, gone, now=NOW + timedelta(hours=1))
    left = named(home.world, home.owner)
    assert {one.id for one in left.values()} == set(kept)
    assert all(one.removed_by_bank for one in left.values())
    assert home.tags("r1") == ["keep"]
    assert len(home.attached("r3")) == 1


def test_marks_of_a_pending_row_and_of_its_posted_one_come_together(home: Home) -> None:
    """The bank tells the posted row before it says which pending one it was."""
    apply(home.world, home.owner, home.known, page(row("p", "50", pending=True)))
    apply(home.world, home.owner, home.known, page(row("q", "51")))
    home.tag("p", add=["lunch", "both"])
    home.tag("q", add=["both"])
    home.attach("p", "slip.png", PNG)
    home.split("p", ("dining", "-30"), ("gifts", "-20"))
    told = page(modified=[row("q", "51", pending_transaction_id="p")], removed=["p"])
    apply(home.world, home.owner, home.known, told, now=NOW + timedelta(hours=1))
    assert "ROW p" not in named(home.world, home.owner)
    assert home.tags("q") == ["both", "lunch"]
    assert [one.name for one in home.attached("q")] == ["slip.png"]
    found = home.split_of("q")
    assert [one.category_key for one in found.parts] == ["dining", "gifts"]
    assert found.rest.amount == -1


def test_a_row_is_put_into_parts_that_sum_apart(home: Home) -> None:
    found = home.split("r1", ("groceries", "-60"), ("pets", "-40.00"))
    assert [(one.position, one.category_key, one.amount.amount) for one in found.parts] == [
        (1, "groceries", Decimal(-60)), (2, "pets", Decimal(-40)),
    ]  # fmt: skip
    assert not found.rest
    assert home.sums() == {"groceries": Decimal(-260), "pets": Decimal(-40), "salary": 250}
    assert home.journal("r1")[-1][1:] == (
        {"parts": []},
        {"parts": [
            {"category_id": str(category(home.world, home.owner, "groceries")), "amount": "-60",
             "note": None},
            {"category_id": str(category(home.world, home.owner, "pets")), "amount": "-40",
             "note": None},
        ]},
    )  # fmt: skip
    home.split("r1", ("pets", "-110"), ("gifts", "10"))
    assert home.sums() == {"groceries": -200, "pets": -110, "gifts": 10, "salary": 250}
    assert not home.split("r1").parts
    assert home.sums() == {"groceries": -300, "salary": 250}


def test_what_parts_leave_when_the_bank_changes_the_amount_stays_with_the_row(home: Home) -> None:
    home.split("r1", ("pets", "-60"), ("gifts", "-40"))
    later = page(modified=[row("r1", "115")])
    apply(home.world, home.owner, home.known, later, now=NOW + timedelta(hours=1))
    assert home.split_of("r1").rest == Money(Decimal(-15), NOK)
    assert home.sums() == {"groceries": -215, "pets": -60, "gifts": -40, "salary": 250}


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([("pets", "-60"), ("gifts", "-35")], "transaction is −100.00 NOK: 5.00 NOK is left over"),
        ([("pets", "-60"), ("gifts", "-45.50")], "−105.50 NOK, the .*: 5.50 NOK too much"),
        ([("pets", "60"), ("gifts", "40")], "200.00 NOK is left over"),
    ],
)
def test_a_split_that_does_not_add_up_says_by_how_much(
    home: Home, parts: list[tuple[str, str]], says: str
) -> None:
    with pytest.raises(SplitDoesNotAddUp, match=says) as problem:
        home.split("r1", *parts)
    assert problem.value.field == "parts"
    assert home.sums() == {"groceries": -300, "salary": 250}


@pytest.mark.parametrize(
    ("parts", "kind", "says"),
    [
        ([("pets", "-100")], BadPart, "at least two parts"),
        ([("pets", "-100"), ("gifts", "0")], BadPart, "Part 2 is nothing"),
        ([("pets", "-99.995"), ("gifts", "-0.005")], BadPart, "Part 1 has more decimals than NOK"),
        ([("pets", "-1")] * 51, BadPart, "at most 50 parts"),
        ([("pets", "NaN"), ("gifts", "1")], BadAmount, "not a finite number"),
    ],
)
def test_parts_that_cannot_be_are_refused(
    home: Home, parts: list[tuple[str, str]], kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        home.split("r1", *parts)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    cents=st.integers(-(10**12), 10**12).filter(bool),
    cuts=st.lists(st.integers(1, 97), min_size=1, max_size=8),
    code=st.sampled_from(["NOK", "JPY", "KWD", "BTC"]),
)
def test_shares_of_an_amount_always_come_to_it(cents: int, cuts: list[int], code: str) -> None:
    whole = Money(Decimal(cents), Currency(code))
    total = sum(cuts) + 3
    shares = [*(Decimal(cut) / total for cut in cuts), Decimal(0)]
    found = split_rules.divided(whole, shares)
    assert sum(found) == whole.amount
    assert all((one <= 0) == (cents < 0) or not one for one in found)


def test_what_is_attached_is_sealed_and_opened_again(home: Home) -> None:
    found = home.attach("r1", "C:\\bilder\\kvittering.PNG", PNG)
    assert (found.name, found.media_type, found.size) == ("kvittering.PNG", "image/png", len(PNG))
    stored = values(home.world, "SELECT sealed FROM attachments WHERE id = %s", found.id)[0][0]
    assert b"IHDR" not in stored
    opened = home.world.within(
        home.owner,
        lambda db: attachments.open_attachment(
            db, home.vault, owner=home.owner, attachment_id=found.id
        ),
    )
    assert opened.content == PNG
    with pytest.raises(attachments.AttachmentIsThere, match="attached already, as “kvittering"):
        home.attach("r1", "again.png", PNG)
    home.world.within(
        home.owner,
        lambda db: attachments.detach(db, owner=home.owner, attachment_id=found.id, now=NOW),
    )
    assert home.attached("r1") == []
    with pytest.raises(attachments.AttachmentNotFound):
        home.world.within(
            home.owner,
            lambda db: attachments.open_attachment(
                db, home.vault, owner=home.owner, attachment_id=AttachmentId(found.id)
            ),
        )
    told = [(before, after) for _cause, before, after in home.journal("r1")]
    none, one = {"attachment": None}, {"attachment": "kvittering.PNG"}
    assert told == [(none, one), (one, none)]


@pytest.mark.parametrize(
    ("name", "content", "called", "media_type"),
    [
        ("scan", PDF, "scan.pdf", "application/pdf"),
        ("virus.exe", PDF, "virus.exe.pdf", "application/pdf"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 20, "photo.heic", "image/heic"),
        ("a.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"),
        ("../../etc/notes.txt", "Blåbær 20 kr\n".encode(), "notes.txt", "text/plain"),
        ("rows.csv", b"a,b\n1,2\n", "rows.csv", "text/plain"),
        ("\u202egpj.exe", b"\xff\xd8\xff\xe0 JFIF", "gpj.exe.jpg", "image/jpeg"),
        ("", b"GIF89a....", "Attachment.gif", "image/gif"),
    ],
)
def test_what_is_in_a_file_decides_what_it_is(
    name: str, content: bytes, called: str, media_type: str
) -> None:
    found = accept(name, content)
    assert (found.name, found.media_type) == (called, media_type)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("receipt.pdf", b"MZ\x90\x00\x03" + b"\x00" * 60, "is a program"),
        ("receipt.jpg", b"\x7fELF\x02\x01\x01", "is a program"),
        ("receipt.png", b"\xcf\xfa\xed\xfe\x07\x00", "is a program"),
        ("note.txt", b"#!/bin/sh\nrm -rf ~\n", "is a program"),
        ("note.txt", b"\xef\xbb\xbf<html><script>x()</script>", "is a program"),
        ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is a program"),
        ("note.txt", b"hello <SCRIPT src=x>", "is a program"),
        ("run.bat", b"del C:\\*.*\r\n", "is a program"),
        ("run.txt", b"@echo off\r\n", "is a program"),
        ("macro.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a program"),
        ("archive.zip", b"PK\x03\x04\x14\x00", "neither a picture"),
        ("blob.pdf", b"\x00\x01\x02PDF", "neither a picture"),
        ("late.pdf", b"junk\x00%PDF-1.7", "neither a picture"),
        ("latin.txt", b"bl\xe5b\xe6r", "neither a picture"),
        ("nothing.pdf", b"", "is empty"),
        ("big.pdf", b"%PDF-" + b"x" * (10 << 20), "larger than 10 MiB"),
    ],
)
def test_programs_and_what_is_not_known_are_refused(name: str, content: bytes, says: str) -> None:
    with pytest.raises(AttachmentIsRefused, match=says) as problem:
        accept(name, content)
    assert problem.value.field == "file"


def test_a_row_has_so_many_attachments_and_no_more(home: Home) -> None:
    for number in range(20):
        home.attach("r1", f"{number}.txt", f"receipt {number}".encode())
    with pytest.raises(attachments.TooManyAttachments, match="at most 20 attachments"):
        home.attach("r1", "last.txt", b"one more")
    assert len(home.attached("r1")) == 20


def test_each_mark_is_on_record_once(home: Home) -> None:
    before = len(home.world.actions(home.owner))
    home.tag("r1", add=["x"])
    home.tag("r1", add=["x"])
    home.split("r1", ("pets", "-60"), ("gifts", "-40"))
    home.split("r1", ("pets", "-60"), ("gifts", "-40"))
    home.attach("r1", "a.pdf", PDF)
    assert home.world.actions(home.owner)[before:] == [
        "transactions.tag", "transactions.split", "transactions.attach",
    ]  # fmt: skip
