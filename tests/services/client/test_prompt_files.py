from pathlib import Path

import pytest
from pydantic import ValidationError

from services.client.errors import BadFile
from services.client.prompt_files import read_prompt, write_prompt
from shared.note_types.shipped import NOTE_TYPES
from shared.prompts.shipped import load_shipped
from shared.schemas.prompts import PromptContent, PromptExamples, PromptRequest

AWKWARD = PromptContent(
    system="It's \"quoted\" \\ and\n'''tripled'''",
    user="\n{{ note }}\ttab \u00e9 \U0001f600\n'",
    variables={"title": "a = b"},
    examples=PromptExamples(dataset="visits@1", count=3),
    retries=2,
)


@pytest.mark.parametrize("content", [AWKWARD, *(load_shipped(name).content for name in NOTE_TYPES)])
def test_what_is_written_reads_back_as_the_same(content: PromptContent, tmp_path: Path) -> None:
    file = tmp_path / "visit.toml"
    file.write_text(write_prompt(content), "utf-8")
    read = read_prompt(file, "shorter")
    assert read == PromptRequest(**content.model_dump(), message="shorter")


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    file = tmp_path / "visit.toml"
    file.write_text("system = ")
    with pytest.raises(BadFile, match="no valid TOML"):
        read_prompt(file, None)
    file.write_text("user = '{{ note }}'\ntemperature = 1")
    with pytest.raises(ValidationError):
        read_prompt(file, None)
