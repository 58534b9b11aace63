from workers.inference.loops import LOOP, LoopWatch, cut_loop


def test_an_answer_ends_where_it_begins_to_repeat_itself() -> None:
    sentence = list(range(20))
    assert cut_loop([*sentence, *sentence, *sentence]) == sentence


def test_short_repetitions_are_no_loop() -> None:
    answer = [*range(LOOP - 1), 99, *range(LOOP - 1), 98]
    assert cut_loop(answer) == answer


def test_a_watch_notices_one_repeated_token() -> None:
    watch = LoopWatch()
    noticed = [watch.add(7) for _ in range(LOOP + 1)]
    assert noticed == [False] * LOOP + [True]
