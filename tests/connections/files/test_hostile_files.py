"""Files that are broken, or meant to harm: each is refused in words, within its limits."""

from __future__ import annotations

import gzip
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from strongroom.connections.files import (
    READERS,
    Beside,
    FileIsRefused,
    Guess,
    Limits,
    look,
    read,
)
from tests.connections.files.reading import SAMPLES, source, text, whole


def packed(packing: int = zipfile.ZIP_DEFLATED, /, **files: bytes | str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


CSV = "Date,Text,Amount\n2026-01-31,x,-1.00\n"
ENTRY = (SAMPLES / "statement.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"), (b" \n\n \t", "empty"), (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"), (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0JFIF", "JPEG"), (gzip.compress(CSV.encode()), "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"), (b"MZ\x90\0", "program"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (bytes(range(256)) * 20, "not a text"), (b"\0" * 5000, "not a text"),
        (b"Dear bank, please send me a file.\n", "not known"), (b"{\"a\": 1}", "not known"),
        (packed(**{"xl/workbook__xml": "<x/>"}), "office"), (packed(a__exe=b"MZ"), "no file"),
        (packed(a__csv=CSV, b__csv=CSV), "several"), (packed(a__csv=CSV)[:-30], "damaged"),
        (packed(a__csv=b"0" * 30_000_000), "trap"), (b"PK\x03\x04 nothing", "damaged"),
    ],
    ids=range(20),  # an archive has the time in it, and names of tests may not
)  # fmt: skip
def test_what_is_no_export_is_named_and_refused(data: bytes, word: str) -> None:
    with pytest.raises(FileIsRefused) as refused:
        look(source(data, "statement.csv"))
    assert word in refused.value.message
    assert "\n" not in refused.value.message


def test_an_archive_with_a_table_is_read() -> None:
    found = text(packed(notes__md="hello", export__csv=CSV), "export.zip")
    assert len(found.rows) == 1


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_would_unpack_without_bound_is_not_unpacked(packing: int) -> None:
    for broken in (0, 1):
        data = bytearray(packed(packing, strongroom__csv=CSV))
        data[50] ^= broken  # in the packed text, where LZMA has an error of its own
        with pytest.raises(FileIsRefused, match="packed in a way"):
            look(source(bytes(data), "statement.zip"))
    with Beside(source(packed(packing, a__pdf=b"%PDF-"), "book.zip"), Limits()) as beside:
        assert beside.read("a.pdf", 100) is None


def test_what_is_beside_is_counted_however_often_it_is_asked_for() -> None:
    data = packed(a__pdf=bytes(600), b__pdf=bytes(401), broken__pdf=bytes(300))
    at = zipfile.ZipFile(BytesIO(data)).getinfo("broken.pdf").CRC.to_bytes(4, "little")
    spoilt = data.replace(at, bytes(4))
    with Beside(source(spoilt, "book.zip"), Limits(most_bytes=1000)) as beside:
        assert beside.read("a.pdf", 599) is None  # too large, and not unpacked
        assert beside.read("b.pdf", 1000) == bytes(401)
        assert beside.read("broken.pdf", 1000) is None
        assert beside.read("broken.pdf", 1000) is None  # unpacked as well, so it counts
        assert beside.read("b.pdf", 1000) is None


def test_a_book_that_names_lists_without_end_is_refused() -> None:
    names = ", ".join(f'"list {number}": []' for number in range(101))
    with pytest.raises(FileIsRefused, match="too many lists"):
        text(f'{{"format": "strongroom", "version": 1, {names}}}', "book.json")


@pytest.mark.parametrize("depth", [65, 400, 100_000])
def test_a_record_that_is_nested_without_end_is_refused_with_its_line(depth: int) -> None:
    goal = '[{"a":' * (depth // 2) + "[1]" + "}]" * (depth // 2)
    data = f'{{"format": "strongroom", "version": 1,\n"goals": [\n{{"x": {goal}}}]}}'
    with pytest.raises(FileIsRefused, match="inside one another") as refused:
        text(data, "book.json")
    assert refused.value.line == 3


def test_a_record_with_many_things_beside_one_another_is_read() -> None:
    goal = f'{{"rows": [{", ".join(["[{}]"] * 500)}], "name": "{"[" * 500}"}}'
    found = text(f'{{"format": "strongroom", "version": 1, "goals": [{goal}]}}', "book.json")
    assert len(found.rows) == 0


def test_a_file_above_the_limit_is_refused_before_it_is_read() -> None:
    with pytest.raises(FileIsRefused) as refused:
        look(source(CSV * 10_000), limits=Limits(most_bytes=100_000))
    assert "larger than" in refused.value.message


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_unpacks() -> None:
    rows = "".join(f"2026-01-31,{number},-1.00\n" for number in range(50_000))
    data = bytearray(packed(a__csv=f"Date,Text,Amount\n{rows}"))
    size = len(f"Date,Text,Amount\n{rows}").to_bytes(4, "little")
    assert data.count(size) >= 1
    lying = bytes(data).replace(size, (1000).to_bytes(4, "little"))
    with pytest.raises(FileIsRefused):
        whole(source(lying, "a.zip"), limits=Limits(most_bytes=200_000))


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/dtd">',
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
    ],
)
def test_entities_are_refused(prologue: str) -> None:
    written = ENTRY.replace("?>\n", f"?>\n{prologue}\n", 1).replace("Kari", "&a;")
    with pytest.raises(FileIsRefused) as refused:
        text(written, "statement.xml")
    assert "entities" in refused.value.message
    assert refused.value.line == 2


def test_xml_nested_without_end_is_refused() -> None:
    with pytest.raises(FileIsRefused):
        text(ENTRY.replace("<Ntry>", "<Ntry>" + "<a>" * 5000, 1))


def test_a_tag_without_end_is_refused() -> None:
    with pytest.raises(FileIsRefused):
        text(ENTRY[: ENTRY.index("<Bal>")] + '<Bal x="' + "y" * 5_000_000)


@pytest.mark.parametrize(
    "start", ["Date,Text,Amount\n", "!Type:Bank\nD31/01/2026\nT", ":20:A\n:25:B\n"]
)
def test_a_line_of_ten_megabytes_is_refused(start: str) -> None:
    with pytest.raises(FileIsRefused) as refused:
        text(start + "1" * 10_000_000)
    assert refused.value.line == start.count("\n") + 1


def test_a_transaction_without_end_is_refused() -> None:
    with pytest.raises(FileIsRefused):
        text("<OFX><STMTTRN><NAME>" + "x" * 3_000_000)


def test_quotes_that_never_close_cost_one_line_each() -> None:
    bad = '2026-01-31,"x,-1.00\n2026-01-31,y,-1.00\n'
    found = text("Date,Text,Amount\n" + bad * 300 + "2026-02-01,end,-1.00\n")
    assert found.rows[-1].description == "end"
    assert len(found.rows) + len(found.problems) >= 300


def test_very_many_problems_are_counted_and_some_kept() -> None:
    given_source = source("Date,Text,Amount\n2026-01-31,x,1.00\n" * 1
                          + "2026-01-31,x,1.00\n" * 3000 + "2026-01-31,x,1e9\n" * 3000)  # fmt: skip
    with read(given_source, look(given_source)) as reading:
        assert sum(1 for _row in reading.rows) == 3001
    assert reading.problem_count == 3000
    assert len(reading.problems) == 1000


@pytest.mark.parametrize(
    "encoding", ["klingon", "zip", "hex", "a\0b", "idna", "utf-7", "undefined"]
)
def test_an_encoding_that_is_none_is_refused(encoding: str) -> None:
    guess = look(source(CSV)).changed(encoding=encoding)
    _read_or_refuse(CSV.encode(), guess)
    if encoding in ("klingon", "zip", "hex"):
        with pytest.raises(FileIsRefused) as refused:
            read(source(CSV), guess)
        assert refused.value.field == "encoding"


def test_a_format_that_nobody_knows_is_refused() -> None:
    with pytest.raises(FileIsRefused):
        read(source(CSV), Guess("docx"))


def _read_or_refuse(data: bytes, guess: Guess | None = None) -> None:
    try:
        given_source = source(data, "any")
        with read(given_source, guess or look(given_source)) as reading:
            for row in reading.rows:
                assert row.amount.is_finite()
                assert abs(row.amount) < 10**18
                assert 1900 <= row.day.year <= 2199
    except FileIsRefused as refused:
        assert refused.message


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _read_or_refuse(data)


@given(st.text(alphabet=st.sampled_from('0129.,;-/"\n\t <>:!^DTPAamount=\0é|[]&'), max_size=600))
@settings(max_examples=300, deadline=None)
@example("Date,Amount\n1/1/1,1\n")
@example(";\n;;\n")
def test_any_text_is_read_or_refused(written: str) -> None:
    _read_or_refuse(written.encode())


@given(st.sampled_from(sorted(path.name for path in SAMPLES.iterdir())), st.randoms())
@settings(max_examples=400, deadline=None)
def test_any_damage_to_a_good_file_is_read_or_refused(name: str, chance: random.Random) -> None:
    data = bytearray((SAMPLES / name).read_bytes())
    for _change in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randint(1, 40)]
        elif kind == 2:
            data[at:at] = bytes(chance.choices(b'<>",;:\n^&!0919-', k=chance.randint(1, 9)))
        else:
            end = chance.randrange(len(data))
            data[at:at] = data[min(at, end) : max(at, end)][:200]
        data = data or bytearray(b"x")
    _read_or_refuse(bytes(data))


@given(st.sampled_from(sorted(READERS)), st.sampled_from(sorted(SAMPLES.iterdir())))
@settings(max_examples=150, deadline=None)
def test_a_file_read_as_another_format_is_read_or_refused(format_: str, path: Path) -> None:
    guess = Guess(format_, delimiter=",", columns={"date": 0, "amount": 1, "description": 2})
    _read_or_refuse(path.read_bytes(), guess)


@given(
    st.sampled_from(["dmy", "mdy", "ymd", "", "x"]),
    st.sampled_from([".", ",", "", "x"]),
    st.sampled_from(["as_written", "by_type", "debit_credit", "sideways"]),
    st.dictionaries(
        st.sampled_from(["date", "amount", "debit", "credit", "type", "tags"]),
        st.integers(-2, 10**9),
    ),
    st.sampled_from(["utf-8", "zip", "klingon"]),
)
@settings(max_examples=200, deadline=None)
def test_any_choice_of_a_person_is_read_or_refused(
    order: str, mark: str, sign: str, columns: dict[str, int], encoding: str
) -> None:
    guess = Guess("csv", delimiter=",", date_order=order, decimal_mark=mark, sign=sign,
                  columns=columns, encoding=encoding)  # fmt: skip
    _read_or_refuse(CSV.encode(), guess)


@pytest.mark.parametrize(
    "written",
    [
        "<OFX><STMTTRN><NAME>" + " " * 250_000 + "</STMTTRN></OFX>",
        "<OFX><STMTTRN>" + "<![CDATA[" * 25_000 + "</STMTTRN></OFX>",
        "<OFX>" + "<STMTTRN>" * 100_000,
        "Date,Text,Amount\n" + "2026-01-31,x," + " " * 900_000 + "1\n",
        "Date,Text,Amount\n" + "," * 900_000 + "\n",
        "Date,Text,Amount\n" + '2026-01-31,"' * 20_000,
        'Date,Text,Amount\n2026-01-31,"' + '""' * 200_000 + "\n",
        "<?xml " * 3000 + "BkToCstmrStmt",
        ":20:\n:25:\n:61:260131C" + "1" * 900_000 + "\n",
        "!Type:Bank\n" + "S\n$1\n" * 100_000 + "^\n",
        "Date,Account,Amount\n" + "".join(f"2026-01-31,{n},1\n" for n in range(3000)),
    ],
    ids=range(11),
)
def test_what_would_take_for_ever_is_read_or_refused_soon(written: str) -> None:
    _read_or_refuse(written.encode())  # the run's own limit on time ends one that hangs


def test_lines_in_another_encoding_are_named_and_the_rest_is_read() -> None:
    head = b"Date,Description,Amount\n"
    lines = [b"2026-01-01,Kj\xc3\xb8p,-1.00\n", b"2026-01-02,Kj\xf8p,-2.00\n",
             b"2026-01-03,\xff\xfe\x81bad,-3.00\n", b"2026-01-04,Te,-4.00\n"]  # fmt: skip
    found = text(head + b"".join(lines))
    assert found.guess.encoding == "utf-8"
    assert any("UTF-8" in reason for reason in found.guess.reasons)
    assert [row.description for row in found.rows] == ["Kjøp", "Te"]
    assert [problem.line for problem in found.problems] == [3, 4]
    # One odd pair of bytes makes no UTF-8 of a file that is Windows' all over.
    western = text(head + lines[0] + lines[1] * 3)
    assert western.guess.encoding == "cp1252"
    assert len(western.rows) == 4
