from collections import Counter

from shared.datasets.report.sketches import DistinctSample, FrequentItems, Reservoir, hash_text


def test_a_sample_is_exact_until_it_is_full() -> None:
    sample = DistinctSample(capacity=100)
    for word, count in {"a": 3, "b": 1, "c": 1}.items():
        sample.add(hash_text(word), count)
    assert (sample.distinct, sample.repeats, sample.most, sample.exact) == (3, 2, 3, True)
    assert sample.once == 2 / 3


def test_a_full_sample_estimates_both_the_different_and_the_repeated() -> None:
    sample = DistinctSample(capacity=1_000)
    for number in range(50_000):
        for _ in range(1 + (number % 4 == 0)):
            sample.add(hash_text(str(number)))
    assert not sample.exact
    assert len(sample._counts) <= 1_000
    assert 43_000 < sample.distinct < 57_000
    assert 9_500 < sample.repeats < 15_500
    assert 0.68 < sample.once < 0.82


def test_frequent_items_survive_a_flood_of_rare_ones() -> None:
    items: FrequentItems[str] = FrequentItems(100)
    for number in range(5_000):
        items.add(["often", f"rare {number}"])
        if number % 2:
            items.add(["half"])
    (first, often), (second, half) = items.most_common(2)
    assert (first, often, second, half) == ("often", 5_000, "half", 2_500)
    assert len(items.most_common()) <= 101
    assert items.short > 0


def test_a_reservoir_draws_each_with_the_same_chance() -> None:
    drawn: Counter[int] = Counter()
    for seed in range(2_000):
        reservoir: Reservoir[int] = Reservoir(2, seed)
        for item in range(10):
            if (place := reservoir.place()) is not None:
                reservoir.put(place, item)
        assert len(reservoir.kept) == 2
        drawn.update(reservoir.kept)
    assert all(320 < drawn[item] < 480 for item in range(10))
