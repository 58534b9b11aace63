"""The container files speak of what exists. No engine runs here, so that much can be seen."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.local.processes import Connections, Plan, process_table
from shared import config

ROOT = Path(__file__).parents[2]
ROLE_OF = {"migrate": "postgres", "bootstrap": "epicrisis_migrator", "api": "epicrisis_api"}


def compose(name: str = "docker-compose.yml") -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return loaded


def module_of(argv: list[str]) -> str | None:
    return argv[argv.index("-m") + 1] if "-m" in argv else None


def ours() -> dict[str, dict[str, Any]]:
    services = compose()["services"]
    return {name: each for name, each in services.items() if "epicrisis" in each["image"]}


def test_every_process_of_up_has_its_container() -> None:
    plan = Plan("/nowhere", 8000, 1, {})
    urls = {role: f"postgresql://{role}" for role in ("migrator", "api", "worker", "auditor")}
    programs = process_table(plan, Connections(urls, {}, "redis://", "00" * 32))
    wanted = {module_of(list(program.argv)) for program in programs}
    assert wanted <= {module_of(each["command"]) for each in ours().values()}


def test_what_the_containers_run_exists() -> None:
    for name, each in ours().items():
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
    used = {variable for each in ours().values() for variable in each["environment"]}
    assert used <= known


def test_the_example_names_every_variable_that_has_to_be_set() -> None:
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    example = (ROOT / ".env.example").read_text()
    assert named == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_only_who_needs_redis_and_the_owners_rights_has_them() -> None:
    for name, each in ours().items():
        environment = each["environment"]
        assert ("EPICRISIS_REDIS_URL" in environment) == (each["image"] == "epicrisis-worker"), name
        role = environment["EPICRISIS_DATABASE_URL"].split("//")[1].split(":")[0]
        assert role == ROLE_OF.get(name, "epicrisis_worker")


@pytest.mark.parametrize("name", ["summarization", "training"])
def test_gpu_nodes_get_one_gpu_a_process(name: str) -> None:
    each = compose("docker-compose.gpu.yml")["services"][name]
    (device,) = each["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["count"]) == ("nvidia", 1)
    assert (ROOT / each["build"]["args"]["CONSTRAINTS"]).exists()


def test_the_image_copies_what_exists() -> None:
    for source in re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        for path in source.split():
            assert (ROOT / path).exists(), path
