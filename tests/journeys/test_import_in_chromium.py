"""Importing a file in a real browser by the keyboard alone, and undoing it; axe is clean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.house import House, Person
from tests.journeys.conftest import Open
from tests.journeys.test_in_chromium import as_
from tests.judging import faults_of_all

pytestmark = pytest.mark.browser
CSV = (
    "Date,Description,Amount,Category\n"
    "2026-11-02,Rema 1000,-120.50,Groceries\n"
    "2026-11-03,Kopper Coffee,-45.00,Coffee\n"
    "2026-11-03,Kopper Coffee,-45.00,Coffee\n"
    "2026-11-15,Acme salary,31000.00,Salary\n"
    "not a day,What is this,1.00,\n"
)


@pytest.fixture
def bank_file(tmp_path: Path) -> Path:
    path = tmp_path / "bank.csv"
    path.write_text(CSV)
    return path


def press(page: Any, name: str, role: str = "button") -> None:
    """Reach a control with the Tab key, as somebody without a mouse does, and press Enter."""
    wanted = page.get_by_role(role, name=name, exact=True)
    wanted.wait_for()
    for _ in range(120):
        if wanted.evaluate("node => node === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {name!r} with the keyboard")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_file_is_imported_and_undone_with_the_keyboard(
    house: House, open_browser: Open, bank_file: Path, scripts: bool
) -> None:
    person = house.person()
    page = as_(person, open_browser(java_script_enabled=scripts), house)
    page.goto("/connections")
    page.get_by_role("link", name="Import a file").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Which file?").wait_for()
    page.get_by_label("File", exact=True).set_input_files(bank_file)
    page.get_by_label("File", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What we understood").wait_for()
    page.get_by_role("heading", name="1 line could not be taken").wait_for()
    page.get_by_role("heading", name="4 rows in the file").wait_for()
    name = page.get_by_label("Name", exact=True)
    name.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Daily account")
    without = page.get_by_role("checkbox", name="Import the rest without them")
    without.focus()
    page.keyboard.press("Space")
    press(page, "Import 4 rows")
    page.get_by_text("4 rows are imported.").wait_for()
    press(page, "Rows of Daily account", role="link")
    page.get_by_role("heading", name="4 transactions").wait_for()
    assert page.get_by_role("link", name="Kopper Coffee", exact=True).count() == 2
    page.go_back()
    press(page, "Undo this import", role="link")
    page.get_by_role("heading", name="Undo this import?").wait_for()
    press(page, "Undo this import")
    page.get_by_text("This import was undone").wait_for()
    page.goto("/transactions")
    page.get_by_text("No transactions yet.").wait_for()
    house.until_quiet()


@pytest.mark.slow
def test_axe_finds_nothing_on_the_pages_of_imports(
    house: House, open_browser: Open, bank_file: Path
) -> None:
    person = house.person()
    done = _bring(person, CSV)
    person.api.post(f"/api/v1/imports/{done}/confirm", json={"without_unreadable": True})
    looked_at = _bring(person, CSV.replace("Rema 1000", "REMA 1000 GRUNERLOKKA"))
    page = as_(person, open_browser(bypass_csp=True), house)
    paths = (
        "/imports", f"/imports/{done}", f"/imports/{done}/undo", f"/imports/{looked_at}",
        f"/imports/{looked_at}?rows=known", f"/imports/{looked_at}?rows=all",
    )  # fmt: skip
    assert faults_of_all(page, paths, open_details=True) == []


def _bring(person: Person, text: str) -> str:
    answer = person.api.post("/api/v1/imports", files={"file": ("bank.csv", text.encode())})
    assert answer.is_success, answer.text
    return str(answer.json()["id"])
