"""The geometry and the markup of charts, without a browser."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.money import Currency, Money
from strongroom.ui import Preferences, charts, using
from strongroom.ui.charts.lines import with_gaps
from strongroom.ui.charts.scale import MOST_POINTS, MOST_TICKS, date_ticks, scale, thin
from strongroom.ui.charts.stack import levels

EUR = Currency("EUR")
START = date(2024, 2, 27)
values = st.decimals(-(10**9), 10**9, places=2)


@st.composite
def lines(draw: st.DrawFn) -> charts.NetWorthLine:
    found = draw(st.lists(st.one_of(st.none(), values), max_size=500))
    doubtful = draw(st.sets(st.integers(0, 500), max_size=20))
    points = tuple(
        charts.Point(START + timedelta(days=n), value, n in doubtful)
        for n, value in enumerate(found)
    )
    marks = (charts.Mark(START + timedelta(days=draw(st.integers(-5, 505))), "<b>&"),)
    return charts.NetWorthLine(draw(st.text(max_size=20)), points, EUR, marks)


@st.composite
def breakdowns(draw: st.DrawFn) -> charts.NetWorthBreakdown:
    days = draw(st.lists(st.tuples(values, values, values, values, st.booleans()), max_size=40))
    return charts.NetWorthBreakdown(
        "Net <worth> & \"more\" 'here'",
        tuple(
            charts.Holdings(
                START + timedelta(days=n),
                property=abs(a),
                investments=b,
                cash=c,
                debt=-abs(d),
                missing=missing,
            )
            for n, (a, b, c, d, missing) in enumerate(days)
        ),
        EUR,
    )


@st.composite
def flows(draw: st.DrawFn) -> charts.CashFlow:
    months = draw(st.lists(st.tuples(values, values), max_size=12))
    return charts.CashFlow(
        "Cash <flow>",
        tuple(
            charts.FlowMonth(date(2026, n + 1, 1), abs(a), -abs(b))
            for n, (a, b) in enumerate(months)
        ),
        EUR,
    )


@st.composite
def fans(draw: st.DrawFn) -> charts.Fan:
    days = draw(st.lists(st.lists(values, min_size=7, max_size=7).map(sorted), max_size=100))
    return charts.Fan(
        "Where it <could> go",
        tuple(
            charts.FanDay(START + timedelta(days=n), tuple(edges)) for n, edges in enumerate(days)
        ),
        EUR,
    )


@st.composite
def goal_fans(draw: st.DrawFn) -> charts.GoalFan:
    months = draw(st.lists(st.lists(values, min_size=5, max_size=5).map(sorted), max_size=80))
    return charts.GoalFan(
        "Where it <could> go",
        tuple(
            charts.FanMonth(date(2026 + n // 12, n % 12 + 1, 1), tuple(edges))
            for n, edges in enumerate(months)
        ),
        abs(draw(values)),
        EUR,
    )


def drawn(spec: object) -> tuple[Element, charts.Chart]:
    chart = charts.draw(spec, "c")
    assert_safe(chart.svg)
    return fromstring(chart.svg), chart


def assert_safe(svg: str) -> None:
    tree = fromstring(svg)
    assert "viewBox" not in tree.attrib
    assert tree.get("role") == "img" or tree.get("aria-hidden") == "true"
    for node in tree.iter():
        for name in node.attrib:
            assert name != "style" and "href" not in name and not name.startswith("on"), name
        if node.tag == "path":
            assert node.attrib["vector-effect"] == "non-scaling-stroke"


def numbers(d: str) -> list[tuple[int, int]]:
    """Return the absolute points of the paths we write: M, L, h1, V, H, Z."""
    return [(int(x), int(y)) for x, y in re.findall(r"(-?\d+) (-?\d+)", d)]


def plot(tree: Element) -> tuple[Element, int, int]:
    nested = next(node for node in tree.iter("svg") if "viewBox" in node.attrib)
    _, _, width, height = (int(n) for n in nested.attrib["viewBox"].split())
    return nested, width, height


@given(st.lists(values, max_size=30), st.booleans())
def test_ticks_are_even_few_and_cover(data: list[Decimal], zero: bool) -> None:
    axis = scale(data, zero=zero)
    assert 2 <= len(axis.ticks) <= MOST_TICKS
    steps = {after - before for before, after in pairwise(axis.ticks)}
    assert len(steps) == 1 and steps.pop() > 0
    assert all(axis.low <= value <= axis.high for value in data)
    assert not zero or Decimal(0) in axis.ticks
    step = (axis.ticks[1] - axis.ticks[0]).normalize()
    assert step.as_tuple().digits in {(1,), (2,), (2, 5), (5,)}


@given(st.integers(0, 3000), st.integers(1, 400))
def test_thinning_keeps_the_last_and_enough(count: int, most: int) -> None:
    kept = thin(range(count), most)
    assert len(kept) <= most
    assert not count or kept[-1] == count - 1
    assert len({after - before for before, after in pairwise(kept)}) <= 1
    assert count <= most or len(kept) > most // 2


@given(st.integers(0, 12000), st.integers(0, 800))
def test_days_to_label_are_few_and_inside(span: int, offset: int) -> None:
    first = START + timedelta(days=offset)
    last = first + timedelta(days=span)
    found = date_ticks(first, last)
    assert 1 <= len(found) <= 9
    assert all(first <= day <= last for day in found)
    assert found == sorted(set(found))


@given(lines())
def test_a_line_stays_in_its_plot(spec: charts.NetWorthLine) -> None:
    tree, chart = drawn(spec)
    nested, width, height = plot(tree)
    for node in nested.iter("path"):
        assert all(0 <= x <= width and 0 <= y <= height for x, y in numbers(node.attrib["d"]))
    known = [point for point in spec.points if point.value is not None]
    days = chart.data["days"]
    assert isinstance(days, list) and len(days) <= MOST_POINTS
    assert bool(chart.rows) == bool(known and _kept(spec))
    texts = [node.text for node in tree.iter("title")]
    assert texts[0] == (spec.title or None) or not spec.title.isprintable()
    assert all(text == "<b>&" for text in texts[1:])


def _kept(spec: charts.NetWorthLine) -> bool:
    return any(p.value is not None for p in thin(with_gaps(spec.points)))


@given(lines())
def test_every_known_day_is_drawn_once(spec: charts.NetWorthLine) -> None:
    """Solid and dashed parts together visit each known day, and never bridge a gap."""
    tree, _ = drawn(spec)
    nested, _, _ = plot(tree)
    runs = [
        numbers(run)
        for node in nested.iter("path")
        if "line" in node.attrib["class"]
        for run in node.attrib["d"].split("M")[1:]
    ]
    points = thin(with_gaps(spec.points))
    known = {n for n, point in enumerate(points) if point.value is not None}
    xs = sorted({x for run in runs for x, _ in run})
    assert len(xs) == len(known) or len(points) == 1
    neighbours = sum(1 for n in known if n + 1 in known)
    assert sum(len(run) - 1 for run in runs) == neighbours


def test_gaps_and_left_out_days_break_the_line() -> None:
    days = [0, 1, 2, 6, 7, 8, 9]
    points = tuple(charts.Point(START + timedelta(days=n), Decimal(n)) for n in days)
    whole = with_gaps(points)
    assert [point.value is None for point in whole] == [False] * 3 + [True] + [False] * 4
    tree, _ = drawn(charts.NetWorthLine("t", points, EUR))
    line = next(node for node in tree.iter("path") if node.attrib["class"] == "line")
    assert line.attrib["d"].count("M") == 2


def test_estimated_days_are_dashed() -> None:
    points = tuple(
        charts.Point(START + timedelta(days=n), Decimal(n * n), estimated=n < 3) for n in range(8)
    )
    tree, chart = drawn(charts.NetWorthLine("t", points, EUR))
    by_class = {node.attrib["class"]: node.attrib["d"] for node in tree.iter("path")}
    assert len(numbers(by_class["line estimated"])) == 4
    assert len(numbers(by_class["line"])) == 5
    assert "(estimated)" in chart.rows[-1][1]
    assert [key.name for key in chart.legend] == ["Estimated"]


def test_a_mark_is_drawn_on_the_line_and_explained_once() -> None:
    points = tuple(charts.Point(START + timedelta(days=n), Decimal(n)) for n in range(9))
    marks = tuple(charts.Mark(START + timedelta(days=n), "No answer") for n in (2, 4, 40))
    tree, chart = drawn(charts.NetWorthLine("t", points, EUR, marks))
    rings = [node for node in tree.iter("circle") if node.attrib.get("class") == "mark"]
    assert [node.attrib["cx"] for node in rings] == ["25%", "50%"]
    assert [(key.mark, key.name) for key in chart.legend] == [("ring", "No answer")]


@given(breakdowns())
def test_bands_never_cross(spec: charts.NetWorthBreakdown) -> None:
    for held in spec.days:
        day = levels(held, ["property", "investments", "cash", "other"])
        assert day.edges[0] == 0
        assert all(lower <= upper for lower, upper in pairwise(day.edges))
        assert day.owed <= 0
        assert day.edges[-1] + day.owed == held.net
    tree, chart = drawn(spec)
    nested, width, height = plot(tree)
    for node in nested.iter("path"):
        assert all(0 <= x <= width and 0 <= y <= height for x, y in numbers(node.attrib["d"]))
    fills = [node for node in nested.iter("path") if node.attrib["class"].startswith("fill")]
    for node in fills:
        points = numbers(node.attrib["d"])
        outer, inner = points[: len(points) // 2], points[len(points) // 2 :][::-1]
        assert [x for x, _ in outer] == [x for x, _ in inner]
        below = "c4" in node.attrib["class"]
        assert all(
            (o[1] >= i[1]) if below else (o[1] <= i[1]) for o, i in zip(outer, inner, strict=True)
        )
    assert len(chart.legend) <= 6


@given(fans())
def test_a_fan_holds_its_bands_in_each_other(spec: charts.Fan) -> None:
    tree, chart = drawn(spec)
    nested, width, height = plot(tree)
    bands = [n for n in nested.iter("path") if n.attrib["class"].startswith("fan-band")]
    assert [node.attrib["class"].split()[1] for node in bands] == (
        ["outer", "wide", "inner"] if spec.days else []
    )
    outside: list[tuple[int, int]] = []
    for node in bands:
        points = numbers(node.attrib["d"])
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        high, low = points[: len(points) // 2], points[len(points) // 2 :][::-1]
        edges = [(h[1], w[1]) for h, w in zip(high, low, strict=True)]
        assert all(upper <= lower for upper, lower in edges)
        assert all(o[0] <= i[0] and i[1] <= o[1] for o, i in zip(outside, edges, strict=False))
        outside = edges
    assert len(chart.rows) == (len(spec.days) if len(spec.days) <= 31 else len(chart.rows))
    assert not spec.days or len(chart.rows) <= 31


@given(goal_fans())
def test_a_goal_s_bands_nest_and_its_target_is_in_the_plot(spec: charts.GoalFan) -> None:
    tree, chart = drawn(spec)
    nested, width, height = plot(tree)
    bands = [n for n in nested.iter("path") if n.attrib["class"].startswith("fan-band")]
    assert len(bands) == (2 if spec.months else 0)
    outside: list[tuple[int, int]] = []
    for node in bands:
        points = numbers(node.attrib["d"])
        assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
        high, low = points[: len(points) // 2], points[len(points) // 2 :][::-1]
        edges = [(h[1], w[1]) for h, w in zip(high, low, strict=True)]
        assert all(upper <= lower for upper, lower in edges)
        assert all(o[0] <= i[0] and i[1] <= o[1] for o, i in zip(outside, edges, strict=False))
        outside = edges
    lines = [node for node in tree.iter("line") if node.attrib.get("class") == "target"]
    texts = [node for node in tree.iter("text") if node.attrib["class"] == "target-label"]
    assert len(lines) == len(texts) == bool(spec.months)
    for line, text in zip(lines, texts, strict=True):
        top = int(nested.attrib["y"])
        assert top <= int(line.attrib["y1"]) <= top + height // 10
        assert abs(int(line.attrib["y1"]) - int(text.attrib["y"])) <= 14 < int(text.attrib["y"])
    assert len(chart.rows) == (len(spec.months) if len(spec.months) <= 37 else len(chart.rows))
    assert len(chart.rows) <= 61 and len(chart.data["at"]) == len(spec.months)  # type: ignore[arg-type]


def test_a_long_goal_s_table_is_by_year_and_ends_with_the_last_month() -> None:
    months = tuple(
        charts.FanMonth(date(2026 + n // 12, n % 12 + 1, 1), (Decimal(n),) * 5) for n in range(42)
    )
    chart = charts.draw(charts.GoalFan("t", months, Decimal(20), EUR), "c")
    assert [row[0] for row in chart.rows] == [
        "Jan 2026", "Jan 2027", "Jan 2028", "Jan 2029", "Jun 2029"
    ]  # fmt: skip
    last = {one["name"]: one["values"][-1] for one in chart.data["series"]}  # type: ignore[attr-defined]
    assert set(last.values()) == {41} and chart.rows[-1][1:] == ("€41",) * 5


@given(st.decimals(0, 1, places=6))
def test_a_hundred_dots_say_the_chance_and_never_all_or_none(share: Decimal) -> None:
    chance = charts.Chance(share)
    svg = charts.draw_hundred(chance, "d")
    assert_safe(svg)
    dots = [node.attrib["class"] for node in fromstring(svg).iter("circle")]
    assert len(dots) == 100
    if chance.figure == "< 1":
        assert share <= Decimal("0.005") and (dots.count("got"), dots.count("half")) == (0, 1)
    elif chance.figure == "> 99":
        assert share >= Decimal("0.995") and (dots.count("got"), dots.count("half")) == (99, 1)
    else:
        assert int(chance.figure) == dots.count("got") and "half" not in dots
        assert abs(int(chance.figure) - share * 100) <= Decimal("0.5")
        assert (fromstring(svg).findtext("title") or "").startswith(f"{chance.figure} of 100")


@given(st.tuples(*[st.decimals(0, 1, places=3)] * 5))
def test_bars_of_chances_stay_in_their_track(five: tuple[Decimal, ...]) -> None:
    worse, now, better, least, most = five
    bar = charts.draw_lever_bar(charts.LeverBar(worse, now, better, least, max(least, most)))
    for svg in (bar, charts.draw_chance_bar(charts.Chance(now))):
        assert_safe(svg)
        for node in fromstring(svg).iter("rect"):
            left = Decimal(node.attrib.get("x", "0").rstrip("%"))
            width = node.attrib["width"]
            size = Decimal(width.rstrip("%")) if width.endswith("%") else Decimal(0)
            assert 0 <= left <= left + size <= 100


@pytest.mark.parametrize(("code", "digits"), [("NOK", "25000"), ("EUR", "900"), ("JPY", "4000000")])
def test_bars_leave_room_for_the_amounts_of_their_axis(code: str, digits: str) -> None:
    amount = Decimal(digits)
    months = tuple(charts.FlowMonth(date(2026, n, 1), amount, -amount) for n in range(1, 7))
    chart = charts.draw(charts.CashFlow("Cash flow", months, Currency(code)), "flow")
    picture = fromstring(str(chart.svg))
    labels = [one.text or "" for one in picture.iter("text") if one.get("class") == "tick"]
    first = min(float(str(one.get("x")).rstrip("%")) for one in picture.iter("rect"))
    phone = 290  # pixels, and 7.5 of them a letter
    assert first / 100 * phone > max(map(len, labels)) * 7.5


@given(flows())
def test_bars_grow_from_zero(spec: charts.CashFlow) -> None:
    tree, chart = drawn(spec)
    zero = [node for node in tree.iter("line") if node.attrib.get("class") == "zero"]
    assert len(zero) == 1
    base = int(zero[0].attrib["y1"])
    for node in tree.iter("rect"):
        top, height = int(node.attrib["y"]), int(node.attrib["height"])
        assert top == base if node.attrib["class"] == "c2" else abs(top + height - base) <= 1
        left = Decimal(node.attrib["x"].rstrip("%"))
        assert 0 <= left <= left + Decimal(node.attrib["width"].rstrip("%")) <= 100
    assert len(chart.rows) == len(spec.months)


@given(values, values, values)
def test_spending_bars_stay_in_their_track(now: Decimal, before: Decimal, most: Decimal) -> None:
    spec = charts.SpendingBar(Money(now, EUR), Money(before, EUR), Money(most, EUR))
    svg = charts.draw_spending_bar(spec)
    assert_safe(svg)
    for node in fromstring(svg).iter("rect"):
        assert 0 <= Decimal(node.attrib.get("x", "0").rstrip("%")) < 100
        width = node.attrib["width"]
        assert not width.endswith("%") or 0 <= Decimal(width.rstrip("%")) <= 100


def test_a_spending_bar_has_the_share_as_its_width() -> None:
    spec = charts.SpendingBar(
        Money(Decimal(-42), EUR), Money(Decimal(-50), EUR), Money(Decimal(-100), EUR)
    )
    assert '<rect class="now" width="42%"' in charts.draw_spending_bar(spec)


@given(st.lists(st.one_of(st.none(), values), max_size=30), st.text(max_size=10))
def test_sparklines_are_small(found: list[Decimal | None], title: str) -> None:
    svg = charts.draw_sparkline(charts.Sparkline(title, tuple(found)), "s")
    assert_safe(svg)
    assert int(fromstring(svg).attrib["height"]) <= 32


@given(breakdowns())
def test_read_out_equals_table(spec: charts.NetWorthBreakdown) -> None:
    """What kit.js reads of a day is what the table says of it."""
    chart = charts.draw(spec, "c")
    data = json.loads(json.dumps(chart.data))
    net = [value for value in data["series"][0]["values"] if value is not None]
    shown = [
        row[1].replace("€", "").replace(",", "").replace("\N{MINUS SIGN}", "-")
        for row in chart.rows
    ]
    if len(net) <= 31:
        assert [int(text) for text in shown] == net[::-1]


@given(st.one_of(lines(), breakdowns(), flows(), fans(), goal_fans()))
def test_hidden_amounts_are_nowhere_in_a_chart(spec: object) -> None:
    with using(Preferences(hide_amounts=True)):
        chart = charts.draw(spec, "c")
    assert all(one["values"] == [] for one in chart.data["series"])  # type: ignore[attr-defined]
    texts = [node.text or "" for node in fromstring(chart.svg).iter("text")]
    assert not any("€" in text for text in texts)
    assert "€" not in fromstring(chart.svg).findtext("desc", "")
    assert all(cell.startswith("•••••") for row in chart.rows for cell in row[1:])
    assert all(key.value in {"", "•••••"} for key in chart.legend)


def test_an_unknown_value_is_no_chart() -> None:
    with pytest.raises(TypeError, match="str"):
        charts.draw("a line, please", "c")
