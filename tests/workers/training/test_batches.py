import random

from workers.training.batches import Packing, plan_epoch, plan_steps

CHANCE = random.Random(3)
SIZES = [(CHANCE.randint(5, 400), CHANCE.randint(2, 60)) for _ in range(300)]
PACKING = Packing(token_budget=2_048, examples=None, joined=True)


def test_every_example_comes_once_an_epoch_within_the_budget() -> None:
    batches = plan_epoch(SIZES, PACKING, 1, 0)
    assert sorted(i for batch in batches for i in batch) == list(range(len(SIZES)))
    for batch in batches:
        assert len(batch) == 1 or PACKING.padded([SIZES[i] for i in batch]) <= 2_048


def test_little_of_a_batch_is_padding() -> None:
    batches = plan_epoch(SIZES, PACKING, 1, 0)
    padded = sum(PACKING.padded([SIZES[i] for i in batch]) for batch in batches)
    assert padded < 1.1 * sum(map(sum, SIZES))


def test_the_order_is_the_seeds_and_the_epochs() -> None:
    assert plan_epoch(SIZES, PACKING, 1, 0) == plan_epoch(SIZES, PACKING, 1, 0)
    assert plan_epoch(SIZES, PACKING, 1, 0) != plan_epoch(SIZES, PACKING, 1, 1)
    assert plan_epoch(SIZES, PACKING, 1, 0) != plan_epoch(SIZES, PACKING, 2, 0)


def test_each_process_has_its_share_of_every_step() -> None:
    steps = plan_steps(
        SIZES, PACKING, 1, epochs=1, max_steps=None, accumulation=2, processes=3
    )  # fmt: skip
    seen = [i for s in steps for rank in range(3) for batch in s.of_rank(rank, 3) for i in batch]
    assert sorted(seen) == list(range(len(SIZES)))
    assert all(step.of_rank(rank, 3) for step in steps for rank in range(3))


def test_max_steps_says_how_long_a_run_is() -> None:
    steps = plan_steps(SIZES, PACKING, 1, epochs=None, max_steps=100, accumulation=1)
    assert len(steps) == 100
    assert steps[-1].epoch > 2
