import pytest

from shared.errors import NotFound
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.render import render
from shared.prompts.shipped import load_shipped


@pytest.mark.parametrize("note_type", NOTE_TYPES)
def test_every_note_type_has_a_prompt(note_type: str) -> None:
    prompt = load_shipped(note_type)
    (system_role, system), (user_role, user) = render(prompt, note="Cough for 3 days.")
    assert (system_role, user_role) == ("system", "user")
    assert user.count("Cough for 3 days.") == 1
    assert "Cough" not in system
    assert "only facts" in system
    assert "{" not in system + user
    assert prompt.identity == f"prompts:/{note_type}/{prompt.number}"
    assert 0 < prompt.content.max_output_tokens <= 128


@pytest.mark.parametrize("name", ["poem", "../render", "", "shipped/general"])
def test_an_unknown_note_type_has_none(name: str) -> None:
    with pytest.raises(NotFound):
        load_shipped(name)
