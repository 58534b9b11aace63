"""Figures as people read them."""

_TENTH_OF_PERCENT = 0.001
_ONE_DIGIT = 0.1
_WHOLE = 100


def percent(share: float) -> str:
    """`17 %`; shares below a tenth keep a digit."""
    if 0 < share < _TENTH_OF_PERCENT:
        return "< 0.1 %"
    digits = 1 if 0 < share < _ONE_DIGIT else 0
    return f"{100 * share:.{digits}f} %"


def number(value: float) -> str:
    """To three digits: `1,550`, `8.16`, `0.7`."""
    return f"{value:,.0f}" if value == int(value) or value >= _WHOLE else f"{value:.3g}"
