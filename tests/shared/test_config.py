"""Settings come from the environment, and an empty variable is none."""

import pytest

from shared.config import EngineSettings, LedgerSettings


def test_a_variable_is_the_fields_name_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICRISIS_LEASE_SECONDS", "3")
    assert LedgerSettings().lease_seconds == 3.0


def test_empty_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICRISIS_PROMPT_MODEL", "")
    assert EngineSettings().prompt_model is None


def test_a_key_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("keys") / "key"
    path.write_text("sk-1\n")
    monkeypatch.setenv("EPICRISIS_PROMPT_API_KEY_FILE", str(path))
    key = EngineSettings().prompt_api_key
    assert key is not None
    assert key.get_secret_value() == "sk-1"
