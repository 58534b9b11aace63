from hypothesis import given
from hypothesis import strategies as st

from workers.inference.batching import plan_batches


def test_near_lengths_go_together_and_far_ones_do_not() -> None:
    assert plan_batches([400, 90, 410, 100], token_budget=2000, max_padding_ratio=1.2) == [
        [1, 3],
        [0, 2],
    ]


def test_the_budget_counts_padding() -> None:
    assert plan_batches([50, 50, 60], token_budget=120) == [[0, 1], [2]]


def test_a_gap_in_tokens_bounds_long_prompts_where_a_ratio_would_not() -> None:
    assert plan_batches([1000, 1030, 1060], 10_000, max_gap=48) == [[0, 1], [2]]


@given(
    st.lists(st.integers(1, 3000), max_size=60),
    st.integers(1, 4000),
    st.floats(1.0, 3.0),
)
def test_every_request_is_in_one_batch_within_the_limits(
    lengths: list[int], budget: int, ratio: float
) -> None:
    batches = plan_batches(lengths, budget, ratio)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        members = [lengths[index] for index in batch]
        assert len(members) == 1 or max(members) * len(members) <= budget
        assert max(members) <= min(members) * ratio
