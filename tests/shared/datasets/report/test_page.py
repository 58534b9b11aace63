import re
from html.parser import HTMLParser

import pytest

from shared.datasets.records import Candidate, Decision, Judged
from shared.datasets.report.measure import measure
from shared.datasets.report.page import render_page

HOSTILE = (
    "<script>alert('x')</script> \"><img src=//evil onerror=go()> </svg></style> {{ 7*7 }} &amp"
)
_VOID = {"meta", "rect", "line", "path"}


def row(line: int, text: str = "A cough for 3 days.", target: str | None = "Cough.") -> Judged:
    findings = (text[:60],)
    return Judged(
        Candidate(line, text, target, text[:60], b"g", None),
        Decision(line, "keep", None, text, findings),
        "train" if line % 2 else "test",
    )


class Page(HTMLParser):
    """The elements of a page and their attributes; `open` is empty when all are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def page(*rows: Judged, lately: tuple[str, ...] = (), name: str = "visits@3") -> str:
    return render_page(name, measure(rows, lately))


def test_hostile_text_stays_text_everywhere() -> None:
    rows = [row(line, HOSTILE, HOSTILE) for line in range(1, 6)]
    shown = page(*rows, lately=(HOSTILE,) * 4, name=HOSTILE)
    parsed = Page(shown)
    assert not {"script", "img", "a", "link", "iframe"} & {tag for tag, _ in parsed.elements}
    assert parsed.open == []
    assert "<script" not in shown
    assert "49" not in re.sub(r"<svg.*?</svg>", "", shown[shown.index("</style>") :])
    assert shown.count("&lt;script&gt;") > 10


def test_a_page_needs_no_script_font_or_address() -> None:
    shown = page(row(1), row(2), lately=("A cough.",))
    parsed = Page(shown)
    names = {name for _, attributes in parsed.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"src", "href", "style"}
    assert not re.search(r"https?:|url\(|@import|@font-face", shown)


def test_every_picture_says_in_words_what_it_shows() -> None:
    shown = page(row(1), row(2), lately=("A cough.",))
    pictures = re.findall(r"<svg[^>]*>.*?</svg>", shown, re.DOTALL)
    assert len(pictures) >= 8
    for picture in pictures:
        assert 'role="img"' in picture
        assert re.match(r"<svg[^>]*><title>[^<]+</title><desc>[^<]+</desc>", picture)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(1)],
        [row(1, target=None)],
        [row(1, text="")],
        [row(1, text="!?", target="...")],
        [Judged(row(1).candidate, Decision(1, "drop", "empty", None, ("empty",)), None)],
        [Judged(row(1).candidate, Decision(1, "keep"), None)],
    ],
    ids=["none", "one", "no_target", "empty", "no_words", "none_kept", "no_split"],
)
def test_any_report_is_a_whole_page(rows: list[Judged]) -> None:
    shown = page(*rows)
    assert Page(shown).open == []
    assert shown.startswith("<!doctype html>")
    assert not re.search(r"\bnan\b|\binf\b", shown)


def test_figures_and_remarks_are_on_the_page() -> None:
    shown = page(row(1), row(2))
    assert "validation holds no example with a target." in shown
    assert "<h1>visits@3</h1>" in shown
