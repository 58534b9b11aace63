"""The report as a page for people."""

from shared.schemas.datasets import Report


def render_page(name: str, report: Report) -> str:
    """One HTML file that needs nothing else: no script, no font, no address."""
    raise NotImplementedError
