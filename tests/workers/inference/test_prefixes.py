from workers.inference.prefixes import Prefixes

SYSTEM = (("system", "Be brief."),)
HEAD = tuple(f"t{place}" for place in range(20))


def prefixes(known: Prefixes, *ends: str, head: tuple[str, ...] = HEAD) -> list[tuple[str, ...]]:
    return known.of([SYSTEM] * len(ends), [(*head, end, "last") for end in ends])


def test_what_all_prompts_of_a_system_turn_begin_with_is_shared() -> None:
    known = Prefixes()
    assert prefixes(known, "a", "b") == [HEAD, HEAD]
    assert prefixes(known, "c") == [HEAD]


def test_one_prompt_alone_says_nothing_of_others() -> None:
    known = Prefixes()
    assert prefixes(known, "a") == [()]
    assert prefixes(known, "a", "a") == [(), ()]


def test_a_little_is_not_worth_it_and_another_system_turn_is_another_prompt() -> None:
    assert prefixes(Prefixes(), "a", "b", head=HEAD[:15]) == [(), ()]
    other = (("system", "Be long."),)
    found = Prefixes().of([SYSTEM, other], [(*HEAD, "a"), (*HEAD, "b")])
    assert found == [(), ()]


def test_notes_that_began_alike_by_chance_shorten_it_later() -> None:
    known = Prefixes()
    alike = (*HEAD, "same")
    assert prefixes(known, "a", "b", head=alike) == [alike, alike]
    assert prefixes(known, "c", "d") == [HEAD, HEAD]


def test_no_more_states_are_kept_than_memory_is_for() -> None:
    known = Prefixes()
    for number in range(40):
        turn = (("system", str(number)),)
        head = (*HEAD, str(number))
        found = known.of([turn, turn], [(*head, "a"), (*head, "b")])
    assert found == [(), ()]
