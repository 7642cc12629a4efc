"""What a browser makes of the pages: accessibility, the script's promises, the policy kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.judging import faults_in_every_dress

pytestmark = pytest.mark.browser

PAGES = ["/gallery", "/gallery/overview?view=breakdown", "/gallery/activity", "/error?signed-out"]

Open = Callable[..., Any]


def until(page: Any, condition: str) -> None:
    """Wait for a condition in the page; Playwright's own waiting needs eval, which we forbid."""
    deadline = time.monotonic() + 10
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


@pytest.fixture
def open_page(browser: Any, site: str) -> Iterator[Open]:
    """Open pages; fail on any console message, script error or request to another place."""
    troubles: list[str] = []
    contexts = []

    def at_home(request: Any) -> None:
        if not request.url.startswith((site, "data:")):
            troubles.append(f"foreign: {request.url}")

    def opened(path: str, width: int = 1280, theme: str = "light", **options: Any) -> Any:
        cookies = options.pop("cookies", {})
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        for name, value in {"theme": theme, "locale": "en", **cookies}.items():
            context.add_cookies([{"name": name, "value": value, "url": site}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: troubles.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("request", at_home)
        answer = page.goto(site + path)
        page.wait_for_load_state("load")
        if answer.status >= 400:  # the browser itself logs a failed load
            troubles[:] = [t for t in troubles if "the server responded with a status" not in t]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(open_page: Open, path: str) -> None:
    page = open_page(path, bypass_csp=True)
    assert faults_in_every_dress(page, path) == []


@pytest.mark.parametrize("path", PAGES)
def test_text_spacing_and_large_text_do_not_overflow(open_page: Open, path: str) -> None:
    """WCAG 1.4.12 and 1.4.4."""
    page = open_page(path, 390, bypass_csp=True)
    for css in (
        "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
        "p{margin-bottom:2em!important}",
        "html{font-size:200%!important}",
    ):
        page.add_style_tag(content=css)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [1280, 390])
def test_controls_are_large_enough(open_page: Open, width: int) -> None:
    """WCAG 2.5.8: 24 pixels, unless a link stands in a line of text."""
    page = open_page("/gallery", width)
    small = page.evaluate(
        """[...document.querySelectorAll('a[href], button, input, select, summary')]
        .filter(n => n.checkVisibility() && n.type !== 'hidden')
        .filter(n => getComputedStyle(n).display !== 'inline')
        .map(n => [n.outerHTML.slice(0, 80), n.getBoundingClientRect()])
        .filter(([, r]) => r.width < 24 || r.height < 24).map(([html]) => html)"""
    )
    assert small == []


def test_focus_is_never_covered(open_page: Open) -> None:
    """WCAG 2.4.11 on a phone, where bars lie over the page at both ends."""
    page = open_page("/gallery/activity", 390)
    covered = []
    for _ in range(60):
        page.keyboard.press("Tab")
        covered += page.evaluate(
            """(() => { const n = document.activeElement; if (n === document.body) return [];
            const r = n.getBoundingClientRect();
            const hit = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
            const seen = hit && (n.contains(hit) || hit.contains(n));
            return seen ? [] : [n.outerHTML.slice(0, 80)]; })()"""
        )
    assert covered == []


def test_swap_replaces_the_region_keeps_focus_and_goes_back(open_page: Open) -> None:
    page = open_page("/gallery/overview")
    page.evaluate("window.sameLoad = true")
    page.focus("#nw-rng-6m")
    page.keyboard.press("Enter")
    until(page, "location.search.includes('rng=6m') && !document.querySelector('[aria-busy]')")
    assert page.evaluate("document.activeElement.id") == "nw-rng-6m"
    assert page.get_attribute("#nw-rng-6m", "aria-current") == "true"
    until(page, "document.getElementById('status').textContent.startsWith('Net worth')")
    page.click("#nw-view-breakdown")
    until(page, "document.querySelector('#nw .bands')")
    page.go_back()
    until(page, "document.querySelector('#nw .worth')")
    assert "rng=6m" in page.url and page.get_attribute("#nw-rng-6m", "aria-current") == "true"
    page.go_back()
    until(page, "document.querySelector('#nw-rng-1y[aria-current]')")
    assert page.evaluate("window.sameLoad") is True


def test_a_swap_that_fails_says_so_and_leaves_the_page_as_it_was(browser: Any, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(site + "/gallery/overview")
    headline = page.inner_text("#nw .hero")
    page.route("**/*rng=6m*", lambda route: route.abort())
    page.click("#nw-rng-6m")
    page.wait_for_selector(".toast")
    assert "That did not load" in page.inner_text(".toast")
    assert page.inner_text("#nw .hero") == headline
    assert page.locator("[aria-busy]").count() == 0
    context.close()


def test_live_search_filters_as_one_types(open_page: Open) -> None:
    page = open_page("/gallery/activity")
    page.evaluate("window.sameLoad = true")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("payroll")
    until(page, "document.querySelectorAll('[data-row]').length === 1")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.input_value("#q") == "payroll"
    assert page.url.endswith("?q=payroll")
    until(page, "document.getElementById('status').textContent === '1 transaction'")
    page.fill("#q", "zzz")
    page.wait_for_selector(".empty-title")
    page.keyboard.press("Enter")
    assert page.evaluate("window.sameLoad") is True


def test_a_chart_is_read_by_keys_and_pointer(open_page: Open) -> None:
    page = open_page("/gallery/overview?view=breakdown")
    headline = page.inner_text("#nw .hero")
    plot = page.locator("#nw-chart")
    assert plot.get_attribute("role") == "slider"
    plot.focus()
    assert page.inner_text("#nw .hero") == headline
    assert page.inner_text("#nw .change") == "20 Nov 2026"
    page.keyboard.press("Home")
    assert page.inner_text("#nw .change") == "20 Nov 2025"
    first = page.inner_text("#nw .hero")
    assert first != headline and re.fullmatch(r"€[\d,]+", first)
    text = plot.get_attribute("aria-valuetext")
    assert text.startswith(f"20 Nov 2025: Net worth {first}, Property €")
    assert "Debt \N{MINUS SIGN}€" in text
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowLeft")
    assert plot.get_attribute("aria-valuenow") == "31"
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    assert page.inner_text("#nw .hero") == headline and "past year" in page.inner_text(
        "#nw .change"
    )
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 80)
    assert page.inner_text("#nw .hero") != headline
    page.mouse.move(5, 5)
    assert page.inner_text("#nw .hero") == headline


def test_read_out_says_what_the_table_says(open_page: Open) -> None:
    page = open_page("/gallery/overview?rng=1m&view=breakdown")
    page.click("#nw-chart-as-table")
    rows = page.eval_on_selector_all(
        "#nw .table tbody tr", "rows => rows.map(r => [...r.cells].map(c => c.innerText))"
    )
    assert len(rows) == 31
    page.focus("#nw-chart")
    for row in rows:
        assert page.inner_text("#nw .change") == row[0]
        assert page.inner_text("#nw .hero") == row[1]
        assert (
            page.eval_on_selector_all("#nw .legend .value", "v => v.map(n => n.innerText)")
            == row[1:]
        )
        page.keyboard.press("ArrowLeft")


def test_hidden_amounts_stay_hidden_while_reading(open_page: Open) -> None:
    page = open_page("/gallery/overview", cookies={"hide_amounts": "1"})
    page.focus("#nw-chart")
    page.keyboard.press("Home")
    assert page.inner_text("#nw .hero") == "•••••"
    assert "€" not in page.content()


def test_shortcuts_work_and_can_be_turned_off(open_page: Open) -> None:
    page = open_page("/gallery/activity")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "r0-open"
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.id") == "r0-open"
    page.keyboard.press("?")
    page.wait_for_selector("dialog#shortcuts[open]")
    page.click("#shortcuts [name=shortcuts]")
    page.wait_for_selector("body[data-shortcuts=off]")
    page.keyboard.press("j")
    page.keyboard.press("/")
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement === document.body")
    assert page.locator("dialog[open]").count() == 0


def test_g_then_a_letter_goes_there(open_page: Open) -> None:
    page = open_page("/gallery")
    page.evaluate("document.querySelector('[data-go=t]').setAttribute('href', '/gallery/activity')")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url("**/gallery/activity")


def test_dialogs_drawers_and_password(open_page: Open) -> None:
    page = open_page("/gallery")
    for name in ("dialog", "drawer"):
        page.click(f"#open-{name}")
        page.wait_for_selector(f"#a-{name}[open]")
        page.keyboard.press("Escape")
        assert page.locator(f"#a-{name}[open]").count() == 0
        assert page.evaluate("document.activeElement.id") == f"open-{name}"
    page.fill("#password", "correct horse")
    page.click("[data-reveal=password]")
    assert page.get_attribute("#password", "type") == "text"
    page.click("[data-reveal=password]")
    assert page.get_attribute("#password", "type") == "password"


def test_an_answer_streams_and_is_announced_once(open_page: Open) -> None:
    page = open_page("/gallery")
    page.evaluate(
        """() => {
        const [form, out, field, ask] = ['form', 'div', 'input', 'button'].map(
            name => document.createElement(name));
        out.id = 'answers';
        Object.assign(form, { action: '/ask', method: 'post' });
        form.dataset.stream = 'answers';
        Object.assign(field, { name: 'question', value: '<b>how much' });
        form.append(field, ask);
        document.querySelector('main').append(out, form);
        ask.click();
        }"""
    )
    page.wait_for_selector("#a-card")
    until(page, "document.getElementById('status').textContent.includes('how much')")
    assert page.inner_text("#answers").startswith("You asked: <b>how much")
    assert page.locator("#answers b").count() == 0


def test_print_shows_the_content_alone_in_light_colours(open_page: Open) -> None:
    page = open_page("/gallery/overview", theme="dark")
    page.emulate_media(media="print")
    for selector in (".rail", ".main-nav", ".foot", ".segments", ".notice .actions"):
        assert not page.locator(selector).first.is_visible(), selector
    assert page.locator("#nw-chart svg").first.is_visible()
    ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert ink == "rgb(0, 0, 0)"


def test_forced_colours_keep_legend_keys_and_the_line(open_page: Open) -> None:
    page = open_page("/gallery/overview?view=breakdown", forced_colors="active")
    keys = page.eval_on_selector_all(
        "#nw .key", "keys => keys.map(k => getComputedStyle(k).backgroundColor)"
    )
    assert len(keys) == 5 and len(set(keys)) == 5
    line = "getComputedStyle(document.querySelector('#nw .net')).stroke"
    surface = "getComputedStyle(document.querySelector('#nw')).backgroundColor"
    assert page.evaluate(line) != page.evaluate(surface)


def test_a_toast_is_announced_and_waits_while_it_is_read(open_page: Open) -> None:
    page = open_page("/saved")
    until(page, "document.getElementById('status').textContent.includes('Category changed')")
    page.hover(".toast")
    state = "getComputedStyle(document.querySelector('.toast')).animationPlayState"
    assert page.evaluate(state) == "paused"


def test_a_toast_stands_in_a_landmark_with_a_name(open_page: Open) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page("/saved", bypass_csp=True)
    page.get_by_role("region", name="What just happened").get_by_text("Category changed").wait_for()
    found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["region"]}})
    assert [broken["nodes"] for broken in found.response["violations"]] == []


def test_the_marker_leaves_with_the_focus(open_page: Open) -> None:
    page = open_page("/gallery/overview")
    page.focus("#nw-chart")
    dot = "getComputedStyle(document.querySelector('#nw .cursor circle')).visibility"
    assert page.evaluate(dot) == "visible"
    page.focus("#nw-rng-1m")
    assert page.evaluate(dot) == "hidden"


def test_everything_is_reachable_without_javascript(open_page: Open) -> None:
    page = open_page("/gallery/overview", java_script_enabled=False)
    page.click("#nw-rng-6m")
    page.wait_for_url("**rng=6m**")
    page.click("#nw-chart-as-table")
    assert page.locator("#nw .table tbody tr").first.is_visible()
    page.click("[popovertarget=me]")
    page.click("#me [name=theme][value=dark]")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.goto(page.url.split("/gallery")[0] + "/gallery/activity")
    page.fill("#q", "payroll")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=payroll**")
    assert page.locator("[data-row]").count() == 1


def test_the_policy_stops_what_it_should(browser: Any, site: str) -> None:
    """A styled element and an injected handler are refused, so the policy is really on."""
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(site + "/gallery")
    assert "blocked" in page.evaluate(
        """() => { try { document.body.innerHTML = '<p>'; return 'allowed'; }
        catch (problem) { return problem.name === 'TypeError' ? 'blocked' : problem.name; } }"""
    )
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    context.close()
    assert any("Trusted" in text for text in refused)
    assert any("style" in text for text in refused)
