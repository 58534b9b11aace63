import time

import pytest

from shared.errors import InvalidRecord
from shared.intake.narrative.render import heading_line, narrative_text
from shared.text.sections import headings


def div(inner: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("One <b>bold</b>er\n  word.<p>A</p><p>B</p>C<br/>D", "One bolder word.\n\nA\n\nB\n\nC\nD"),
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>", "- a\n  - b\n- c"),
        ("<ol><li>a</li><li hidden=''>x</li><li>b</li></ol>", "1. a\n2. b"),
        ("<pre> a\n   b</pre>", " a\n   b"),
        ("x<script>no</script><style>no</style><!-- no --><del>no</del>y", "xy"),
        ('<span style="display: none">no</span><p hidden="hidden">no</p>yes', "yes"),
        ("&lt;5 &amp; &nbsp; &eacute;&#8804;&#x1F600;", "<5 & \u00e9\u2264\U0001f600"),
        ("10<sup>9</sup>/l, 1<sup>st</sup>, H<sub>2</sub>O", "10^9/l, 1st, H2O"),
        ("<h2>Plan: </h2><p>Rest.</p>", "Plan:\n\nRest."),
        ('<img src="a" alt="a scar"/>', "a scar"),
        ("<![CDATA[a < b]]>", "a < b"),
    ],
)
def test_markup_becomes_what_a_reader_sees(inner: str, text: str) -> None:
    assert narrative_text(div(f"<div>{inner}</div>")) == text


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (
            (
                "<thead><tr><th>Drug</th><th>Dose</th></tr></thead>"
                "<tbody><tr><td>Aspirin</td><td>81 mg</td></tr><tr><td>Iron</td><td/></tr></tbody>"
            ),
            ["Drug: Aspirin | Dose: 81 mg", "Drug: Iron"],
        ),
        (
            (
                "<tr><th>Day</th><th colspan='2'>Pressure</th></tr>"
                "<tr><td rowspan='2'>Mon</td><td>120</td><td>80</td></tr>"
                "<tr><td>130</td><td><ul><li>90</li><li>95</li></ul></td></tr>"
            ),
            [
                "Day: Mon | Pressure: 120 | Pressure: 80",
                "Day: Mon | Pressure: 130 | Pressure: 90; 95",
            ],
        ),
        (
            (
                "<thead><tr><td colspan='3'>Vitals</td></tr><tr><td/><td>May</td><td>June</td></tr>"
                "</thead><tr><th>Weight</th><td>80 kg</td><td>82 kg</td></tr>"
            ),
            ["Vitals", "Weight | May: 80 kg | June: 82 kg"],
        ),
        (
            (
                "<tr><th>Test</th><th>Value</th></tr><tr><td>Hb</td><td>9</td></tr>"
                "<tr><th>Drug</th><th>Dose</th></tr><tr><td>Iron</td><td>1</td></tr>"
            ),
            ["Test: Hb | Value: 9", "Drug | Dose", "Drug: Iron | Dose: 1"],
        ),
        (
            (
                "<thead><tr><th rowspan='2'>Drug</th><th>Dose</th></tr></thead>"
                "<tbody><tr><td>Iron</td><td>1</td></tr></tbody>"
            ),
            ["Drug: Iron | Dose: 1"],
        ),
        ("<tr><td>Smoker:</td><td>no</td></tr>", ["Smoker: no"]),
        ("<tr><td>a</td><td>b</td><td>c</td></tr>", ["a | b | c"]),
        ("<thead><tr><th>a</th><th>b</th></tr></thead>", ["a | b"]),
    ],
)
def test_each_row_of_a_table_can_be_read_alone(rows: str, lines: list[str]) -> None:
    assert narrative_text(div(f"<table>{rows}</table>")).splitlines() == lines


@pytest.mark.parametrize(
    "broken",
    [
        *("<div>", "no markup", "<div>&unknown;</div>", "<div>\ud800</div>", "<div>\0</div>", ""),
        *("<a>" * 101 + "</a>" * 101, '<!DOCTYPE div [<!ENTITY a "b">]><div>&a;</div>'),
    ],
)
def test_what_is_no_xhtml_is_refused_without_a_word_of_it(broken: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        narrative_text(broken)
    assert caught.value.error_code == "invalid_xhtml"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "title", ["Allergies, Adverse Reactions", "PLAN", "Plan:", "3. Findings", "A" + " word" * 20]
)
def test_titles_are_headings_to_whoever_cites_them(title: str) -> None:
    [found] = headings(heading_line(title) + "\nNone.")
    assert found.name == title.rstrip(":")


@pytest.mark.parametrize(
    "table",
    [
        "<tr>" + '<td rowspan="65534">x</td>' * 1000 + "</tr>" + "<tr><td>a</td></tr>" * 5000,
        "<tr>" + '<th colspan="99999">x</th>' * 45_000 + "</tr><tr><td>a</td></tr>",
        "<tr><th>" + "x" * 80 + "</th><th>y</th></tr>" + "<tr><td>a</td></tr>" * 30_000,
    ],
)
def test_a_table_cannot_ask_for_gigabytes(table: str) -> None:
    started = time.monotonic()
    with pytest.raises(InvalidRecord) as caught:
        narrative_text(div(f"<table>{table}</table>"))
    assert caught.value.error_code == "document_too_large"
    assert time.monotonic() - started < 20
