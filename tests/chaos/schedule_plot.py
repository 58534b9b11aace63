"""What a schedule is, and how one is drawn."""

from dataclasses import dataclass

from hypothesis import strategies as st

WORKERS = ("worker 1", "worker 2", "worker 3")
CLIENTS = ("client 1", "client 2")
_FATES = (
    *("succeed", "succeed", "succeed one", "renew and succeed", "fail", "retry later"),
    "release",
)
_ASKS = ("submit", "submit", "cancel", "retry", "retry all")
_CHORES = ("relay", "relay", "requeue", "requeue", "requeue", "sweep")
_PLAYERS = (*WORKERS, *CLIENTS, "dispatcher")
_LEASES_RUN_OUT = ("leases run out", 1)
_STEPS = (
    # So many statements of one player; none: it crashes.
    *((who, count) for who in _PLAYERS for count in (1, 2, 3, 5, 8, 13)),
    *((who, 0) for who in _PLAYERS),
    *((_LEASES_RUN_OUT,) * 8),
    ("the batch expires", 1),
    ("the bell rings twice", 1),
)
_TEXTS = ("A cough.", "A fall on ice.", "A rash that came and went.")
Note = tuple[int, tuple[str, str]]
Move = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Plot:
    """`programs`: what each player sets out to do. `steps`: who moves next, by how many statements;
    whatever is left of the programs comes after them."""

    notes: list[Note]
    """Line, text and note type of each."""
    submitted: bool
    """Whether the notes are there from the start."""
    programs: dict[str, list[str]]
    steps: list[Move]


def _alone(step: Move) -> list[Move]:
    return [step]


def _zombie(sleeper: str, heir: str, slept: int, inherited: int) -> list[Move]:
    """One stands still in the middle of its work; another is given what it held; it wakes up."""
    return [
        (sleeper, slept),
        _LEASES_RUN_OUT,
        ("dispatcher", 13),
        (heir, inherited),
        (sleeper, 8),
    ]


def _early_bird(client: str, said: int, worker: str) -> list[Move]:
    """The relay looks, and a worker wakes up, while a client is in the middle of its asking."""
    return [(client, said), ("dispatcher", 6), (worker, 5)]


_SCENES: st.SearchStrategy[list[Move]] = st.one_of(
    st.sampled_from(_STEPS).map(_alone),
    st.sampled_from(_STEPS).map(_alone),
    st.sampled_from(_STEPS).map(_alone),
    st.builds(
        _zombie,
        st.sampled_from(WORKERS),
        st.sampled_from(WORKERS),
        st.integers(4, 12),
        st.integers(4, 9),
    ),
    st.builds(_early_bird, st.sampled_from(CLIENTS), st.integers(4, 16), st.sampled_from(WORKERS)),
)


@st.composite
def plots(draw: st.DrawFn) -> Plot:
    kinds = draw(st.lists(st.sampled_from(("general", "visit")), min_size=1, max_size=3))
    programs = {
        **{who: draw(_acts(_FATES, 3)) for who in WORKERS},
        **{who: draw(_acts(_ASKS, 2)) for who in CLIENTS},
        "dispatcher": draw(_acts(_CHORES, 8)),
    }
    scenes = draw(st.lists(_SCENES, min_size=3, max_size=20))
    return Plot(
        list(enumerate(zip(_TEXTS, kinds, strict=False), 1)),
        draw(st.sampled_from((False, True, True))),
        programs,
        [step for scene in scenes for step in scene],
    )


def _acts(of: tuple[str, ...], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), min_size=1, max_size=most)
