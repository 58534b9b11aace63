from collections.abc import Sequence

import ctranslate2
import pytest

from shared.errors import ModelUnavailable, ModelUnusable
from workers.inference import loops
from workers.inference.cache import Converted
from workers.inference.ctranslate2 import CTranslate2Engine
from workers.inference.device import Device
from workers.inference.engine import Request
from workers.inference.model_files import ModelFiles
from workers.inference.transformers import TransformersEngine

CPU = Device("cpu", "float32")
NOTES = [
    "Cough and fever for three days.",
    "Chest X-ray was clear. No known drug allergies.",
    "Cough and fever for two days!!",
    "History of hypertension, on lisinopril 10 mg daily. Plan: rest, fluids and follow-up.",
    "Fever.",
]


def requests(limit: int = 12) -> list[Request]:
    return [Request((("system", "Summarize."), ("user", note)), limit, "The") for note in NOTES]


@pytest.fixture(scope="module")
def engine(converted: Converted) -> CTranslate2Engine:
    return CTranslate2Engine(converted, CPU, token_budget=4096)


class _Generator:
    """Records its batches and answers, and has memory for so many requests."""

    def __init__(
        self, real: ctranslate2.Generator, error: Exception | None = None, room: int = 0
    ) -> None:
        self.real, self.error, self.room = real, error, room
        self.sizes: list[int] = []
        self.lengths: list[int] = []

    def generate_batch(self, prompts: Sequence[list[str]], **options: object) -> object:
        self.sizes.append(len(prompts))
        if self.error is not None and len(prompts) > self.room:
            raise self.error
        results = self.real.generate_batch(prompts, **options)
        self.lengths += [len(result.sequences_ids[0]) for result in results]
        return results


def test_it_says_what_the_reference_engine_says(
    engine: CTranslate2Engine, tiny_model: ModelFiles
) -> None:
    reference = TransformersEngine(tiny_model, CPU)
    asked = [*requests(), Request((("user", NOTES[0]),), 30, one_paragraph=True)]
    assert len({output.text for output in engine.generate(asked)}) > 1
    assert engine.generate(asked) == reference.generate(asked)
    chat = asked[0].chat
    assert (engine.window, engine.prompt_tokens(chat)) == (512, reference.prompt_tokens(chat))
    assert engine.count_tokens(NOTES[0]) == reference.count_tokens(NOTES[0])


def test_outputs_come_in_the_order_of_the_requests(engine: CTranslate2Engine) -> None:
    asked = requests()
    assert engine.generate(asked) == [engine.generate([request])[0] for request in asked]


def test_an_answer_begins_with_its_prefix_and_knows_that_it_was_cut(
    engine: CTranslate2Engine,
) -> None:
    output = engine.generate([Request((("user", NOTES[0]),), 5, prefix="The patient")])[0]
    assert output.text.startswith("The patient")
    assert (output.output_tokens, output.finished) == (5, False)


def test_one_paragraph_ends_at_the_first_line_break(engine: CTranslate2Engine) -> None:
    for note in [*NOTES, *CHATTY]:
        chat = (("user", note),)
        whole = engine.generate([Request(chat, 120)])[0]
        first = engine.generate([Request(chat, 120, one_paragraph=True)])[0]
        assert "\n" not in first.text
        if "\n" in whole.text:
            assert whole.text.startswith(first.text)
            assert first.finished
            return
    pytest.fail("no answer of the tiny model has a line break")


CHATTY = [f"{note} {number}" for note in NOTES for number in range(12)]


def test_a_batch_too_large_for_memory_is_halved(
    engine: CTranslate2Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [Request((("user", "Cough."),), 8)] * 5
    expected = engine.generate(asked[:1]) * 5
    cramped = _Generator(engine._generator, RuntimeError("CUDA failed: out of memory"), room=2)
    monkeypatch.setattr(engine, "_generator", cramped)
    assert engine.generate(asked) == expected
    assert cramped.sizes == [5, 2, 3, 1, 2]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("CUDA failed: out of memory"), RuntimeError("unspecified launch failure")],
)
def test_what_halving_does_not_help_is_passing(
    engine: CTranslate2Engine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(engine, "_generator", _Generator(engine._generator, error))
    with pytest.raises(ModelUnavailable):
        engine.generate(requests())


def test_a_request_past_the_window_is_refused(engine: CTranslate2Engine) -> None:
    with pytest.raises(ModelUnusable, match="window"):
        engine.generate([Request((("user", "Cough."),), 600)])


def test_an_answer_that_loops_is_stopped_and_cut(
    engine: CTranslate2Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [Request((("user", note),), 150) for note in CHATTY]
    whole = engine.generate(asked)
    # The tiny model repeats no more than two tokens in a row.
    monkeypatch.setattr(loops, "LOOP", 2)
    watched = _Generator(engine._generator)
    monkeypatch.setattr(engine, "_generator", watched)
    cut = engine.generate(asked)
    pairs = zip(whole, cut, strict=True)
    looping = [(w, c) for w, c in pairs if c.output_tokens < w.output_tokens]
    assert looping, "no answer of the tiny model loops"
    # A cut may fall within a character.
    assert all(w.text.startswith(c.text.rstrip("\ufffd")) for w, c in looping)
    assert not any(c.finished for _, c in looping)
    assert max(watched.lengths) <= 150
    assert sum(watched.lengths) == sum(c.output_tokens for c in cut) + 2 * len(looping)


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="there is a GPU")
def test_a_model_on_no_such_device_may_pass(converted: Converted) -> None:
    with pytest.raises((ModelUnavailable, ModelUnusable)):
        CTranslate2Engine(converted, Device("cuda", "float16"))
