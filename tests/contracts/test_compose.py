"""The container files speak of what exists. No engine runs here, so that much can be seen."""

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.local.processes import Connections, Plan, process_table
from shared import config
from shared.broker import make_app
from shared.database import connect
from shared.storage import Storage
from shared.vault import Vault

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "docker-compose.gpu.yml", "docker-compose.gpu-node.yml")
ROLE_OF = {"migrate": "postgres", "bootstrap": "epicrisis_migrator", "api": "epicrisis_api"}
NOT_OURS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""What the S3 client reads itself."""
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


def compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return loaded


def module_of(argv: list[str]) -> str | None:
    return argv[argv.index("-m") + 1] if "-m" in argv else None


def ours(name: str = "docker-compose.yml") -> dict[str, dict[str, Any]]:
    services = compose(name)["services"]
    return {key: each for key, each in services.items() if "epicrisis" in each["image"]}


def everything() -> list[tuple[str, dict[str, Any]]]:
    """Every service of every file that stands by itself, under `file:service`."""
    return [
        (f"{file}:{name}", each)
        for file in (FILES[0], FILES[2])
        for name, each in compose(file)["services"].items()
    ]


def with_env(text: str, values: dict[str, str]) -> str:
    """Compose's own interpolation, as far as the files use it."""
    return VARIABLE.sub(lambda found: values.get(found[1]) or _fallback(found), text)


def _fallback(found: re.Match[str]) -> str:
    assert found[2] == "-", f"{found[1]} has to be set"
    return found[3]


def written_env() -> dict[str, str]:
    """`.env.example`, filled in as it asks; what may stay empty stays so."""
    named = re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    return {name: "" if "MODEL" in name or "PROMPT" in name else "ab" * 32 for name in named}


def up() -> dict[str, set[str]]:
    """Module → the variables of ours that `epicrisis up` gives it, but for its place on disk."""
    urls = {role: f"postgresql://{role}" for role in ("migrator", "api", "worker", "auditor")}
    connections = Connections(urls, {}, "redis://", {"EPICRISIS_MASTER_KEY": "00" * 32})
    return {
        str(module_of(list(program.argv))): {
            name for name in program.environment if name.startswith("EPICRISIS_")
        }
        - {"EPICRISIS_HOME"}
        for program in process_table(Plan("/nowhere", 8000, 1, {}), connections)
    }


def test_every_process_of_up_has_its_container_with_what_up_gives_it() -> None:
    given = {module_of(each["command"]): set(each["environment"]) for each in ours().values()}
    for module, variables in up().items():
        assert module in given
        assert variables <= given[module], module


def test_what_the_containers_run_exists() -> None:
    for file in (FILES[0], FILES[2]):
        for name, each in ours(file).items():
            module = module_of(each["command"])
            assert module is not None, name
            assert find_spec(module) is not None, module


def test_the_variables_are_ones_that_are_read() -> None:
    groups = [group for group in vars(config).values() if isinstance(group, type)]
    known = {
        f"EPICRISIS_{field.upper()}"
        for group in groups
        if issubclass(group, config.BaseSettings)
        for field in group.model_fields
    }
    for file in (FILES[0], FILES[2]):
        for each in ours(file).values():
            assert set(each["environment"]) <= known | NOT_OURS
    in_image = re.findall(r"(EPICRISIS_\w+)=", (ROOT / "Dockerfile").read_text())
    assert set(in_image) <= known


def test_the_example_names_every_variable_that_has_to_be_set() -> None:
    used = {found[0] for file in FILES for found in VARIABLE.findall((ROOT / file).read_text())}
    assert used == set(written_env())


@pytest.mark.parametrize(("where", "each"), everything())
def test_a_process_finds_all_that_it_needs(
    where: str, each: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is connected to: what is missing or malformed would be raised before."""
    if "epicrisis" not in each["image"]:
        with_env(yaml.safe_dump(each), written_env())
        return
    environment = {
        name: with_env(value, written_env()) for name, value in each["environment"].items()
    }
    for name in (*environment, *NOT_OURS):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    module = str(module_of(each["command"]))
    if module == "migrations.provision":
        config.ProvisionSettings()  # type: ignore[call-arg] # from the environment
        assert config.ServerSettings().database_url is not None
        return
    connect().dispose()
    Vault.from_settings()
    if module.startswith("workers."):
        make_app("check")
    if "EPICRISIS_PROMPT_MODEL" in environment:
        assert config.EngineSettings().prompt_model is None, where
        assert Storage.from_settings() is not None, where
        assert environment.keys() >= NOT_OURS, where


def test_only_who_needs_redis_and_the_owners_rights_has_them() -> None:
    for name, each in ours().items():
        environment = each["environment"]
        assert ("EPICRISIS_REDIS_URL" in environment) == (each["image"] == "epicrisis-worker"), name
        role = environment["EPICRISIS_DATABASE_URL"].split("//")[1].split(":")[0]
        assert role == ROLE_OF.get(name, "epicrisis_worker")


def test_the_dispatcher_writes_the_audit_heads_that_the_api_reads() -> None:
    services, image = ours(), (ROOT / "Dockerfile").read_text()
    for name, mode in (("dispatcher", ""), ("api", ":ro")):
        folder = Path(services[name]["environment"]["EPICRISIS_AUDIT_ANCHOR"]).parent
        assert services[name]["volumes"] == [f"audit:{folder}{mode}"]
        assert str(folder) in image


@pytest.mark.parametrize("name", ["summarization", "training"])
@pytest.mark.parametrize("file", FILES[1:])
def test_gpu_nodes_get_one_gpu_a_process(file: str, name: str) -> None:
    each = compose(file)["services"][name]
    (device,) = each["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["count"]) == ("nvidia", 1)
    assert each["build"]["args"]["CONSTRAINTS"] == "constraints-cuda.txt"
    assert "cuda" in each["build"]["args"]["EXTRAS"]


@pytest.mark.parametrize(("where", "each"), everything())
def test_what_a_service_waits_for_and_mounts_is_there(where: str, each: dict[str, Any]) -> None:
    whole = compose(where.split(":", maxsplit=1)[0])
    for other, how in each.get("depends_on", {}).items():
        assert other in whole["services"]
        if how["condition"] == "service_healthy":
            assert "healthcheck" in whole["services"][other]
    for mounted in each.get("volumes", []):
        assert mounted.split(":")[0] in whole["volumes"]


@pytest.mark.parametrize(("where", "each"), everything())
def test_an_image_is_built_here_or_of_a_fixed_version(where: str, each: dict[str, Any]) -> None:
    if "build" not in each:
        assert re.search(r":v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$", each["image"]), where
        return
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    arguments = each["build"]["args"]
    assert set(arguments["EXTRAS"].split(",")) <= set(extras["optional-dependencies"])
    assert (ROOT / arguments["CONSTRAINTS"]).exists()


def test_gpu_images_have_the_same_versions_but_for_cuda() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text().splitlines()
        return {line for line in lines if not line.startswith(("#", "torch=="))}

    others = pins("constraints-cuda.txt") ^ pins("constraints.txt")
    assert all(line.startswith("nvidia-") for line in others), others


def test_the_image_copies_what_exists_and_runs_as_nobody_special() -> None:
    image = (ROOT / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", image, re.MULTILINE):
        for path in source.split():
            assert (ROOT / path).exists(), path
    assert re.findall(r"^USER (\w+)$", image, re.MULTILINE) == ["epicrisis"]
