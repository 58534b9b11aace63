"""Every reader of intake, given mutated bodies: nothing but outcomes and refusals may come out."""

import gzip
import random
import resource
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from shared.config import IntakeSettings
from shared.errors import InvalidInput
from shared.intake.narrative.render import narrative_text
from shared.intake.read import read_records
from shared.intake.records import Outcome, Record, Rejected
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import CANARY, FORMATS, Format

LIMITS = IntakeSettings(
    max_documents=50, max_record_bytes=3500, max_document_characters=3000, max_json_depth=32
)
_LEVEL_BYTES = 64 * 2**20
"""Memory may grow by so much after the first tenth of the run."""
_ALL_SEEDS = tuple(seed for kind in FORMATS for seed in kind.seeds)


class Broken(Exception):
    """What a reader must never give."""


@dataclass(slots=True)
class Tally:
    """Of one format: inputs, and what came of them."""

    inputs: int = 0
    records: int = 0
    rejected: int = 0
    refused: int = 0
    uncaught: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    """Seconds of the slowest input."""


def fuzz(
    iterations: int, seed: int, slowest: float, keep: Path | None = None
) -> tuple[dict[str, Tally], int]:
    """Tallies by format, and by how many bytes memory grew after the first tenth."""
    names = [kind.name for kind in FORMATS] + ["XHTML"]
    tallies = {name: Tally() for name in names}
    peak = 0
    for number in range(iterations):
        name = names[number % len(names)]
        _try(name, number, seed, tallies[name], slowest, keep)
        if number == iterations // 10:
            peak = _peak_bytes()
    return tallies, _peak_bytes() - peak


def is_level(growth: int) -> bool:
    return growth <= _LEVEL_BYTES


def body_of(name: str, number: int, seed: int) -> tuple[bytes, random.Random]:
    """The input of a number: the same whenever it is asked for."""
    dice = random.Random(f"{seed} {name} {number}")
    kind = _format(name)
    own = kind.seeds if kind else _XHTML
    others = own if dice.random() < 0.8 else _ALL_SEEDS
    seed_body = dice.choice(own)
    if kind and kind.encoding == "gzip" and dice.random() < 0.5:  # whole, of something broken
        inner = mutated(gzip.decompress(seed_body), others, dice)
        return gzip.compress(inner, mtime=0), dice
    return mutated(seed_body, others, dice), dice


def _try(  # noqa: PLR0913 - one input of a run
    name: str, number: int, seed: int, tally: Tally, slowest: float, keep: Path | None
) -> None:
    body, dice = body_of(name, number, seed)
    tally.inputs += 1
    started = time.perf_counter()
    what = _examine(_format(name), body, dice, tally)
    took = time.perf_counter() - started
    tally.slowest = max(tally.slowest, took)
    if what is None and took > slowest:
        what = f"slower than {slowest} s"
    if what is not None:
        tally.uncaught[what] += 1
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{name.replace(' ', '_')}-{number}").write_bytes(body)


def _examine(kind: Format | None, body: bytes, dice: random.Random, tally: Tally) -> str | None:
    """What is wrong with what came out, if anything is."""
    try:
        for outcome in _outcomes(kind, body, dice):
            if isinstance(outcome, Rejected):
                _check_quiet(outcome.error)
                tally.rejected += 1
            else:
                _check_record(outcome)
                tally.records += 1
    except InvalidInput as error:
        tally.refused += 1
        return "a refusal that quotes the input" if _quotes(error) else None
    except Broken as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    return None


def _outcomes(kind: Format | None, body: bytes, dice: random.Random) -> Iterator[Outcome]:
    if kind is None:
        text = narrative_text(body.decode(errors="surrogateescape"))
        return iter((Record(1, text or "(none)"),))
    cut = dice.randint(0, len(body))
    intake = read_records(
        (body[:cut], body[cut:]),
        content_type=kind.content_type,
        content_encoding=kind.encoding,
        limits=LIMITS,
    )
    return intake.records


def _check_record(record: Outcome) -> None:
    fields = (record.custom_id, record.subject, record.language, *record.replaces)
    texts = [record.text, *(each for each in fields if each is not None)]
    for text in (*texts, *record.metadata, *record.metadata.values()):
        if "\0" in text or len(text.encode()) > 4 * LIMITS.max_document_characters:
            raise Broken("a record with NUL, or too long")
    if record.line < 1 or bool(record.text.strip()) == (record.attachment is not None):
        raise Broken("a record without text, or on no line")


def _check_quiet(error: InvalidInput) -> None:
    if _quotes(error):
        raise Broken("a rejection that quotes the input")
    if error.__traceback__ or error.__cause__ or error.__context__:
        raise Broken("a rejection that keeps the input in memory")


def _quotes(error: InvalidInput) -> bool:
    return CANARY in f"{error.detail}{error.how_to_fix}{error.param}"


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _format(name: str) -> Format | None:
    return _BY_NAME.get(name)


_BY_NAME = {kind.name: kind for kind in FORMATS}
_XHTML = tuple(
    part.encode()
    for part in (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{CANARY}&nbsp;<b>x</b></p></div>',
        '<div><table><tr><th rowspan="3">a</th><th>b</th></tr><tr><td>c</td></tr></table></div>',
        "<div><ul><li>1<ul><li>2</li></ul></li></ul><pre> a\n</pre>m<sup>2</sup></div>",
    )
)
