import json
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from services.local.checks.database import check_database
from services.local.checks.finding import Finding, Place
from services.local.checks.servers import check_api, check_redis
from services.local.doctor import main
from tests.fixtures.ledger import Ledger
from tests.fixtures.servers import DatabaseUrls

NOWHERE = "127.0.0.1:9"


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "API_URL", "MASTER_KEY", "PROMPT_MODEL"):
        monkeypatch.delenv(f"EPICRISIS_{name}", raising=False)


def place(home: Path, **given: str) -> Place:
    urls: dict[str, str | None] = dict.fromkeys(("database_url", "redis_url", "api_url"))
    return Place(home=home, ready=None, **{**urls, **given})


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.check: finding.level for finding in findings}


def test_an_empty_machine_fails_with_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert not told["ok"]
    failed = [each for each in told["checks"] if each["level"] == "fail"]
    assert {each["check"] for each in failed} == {"settings", "database", "redis", "api"}
    assert all(each["how_to_fix"] for each in failed)


def test_what_does_not_answer_is_told(tmp_path: Path) -> None:
    away = place(
        tmp_path,
        database_url=f"postgresql://u:secret@{NOWHERE}/d",
        redis_url=f"redis://:secret@{NOWHERE}/0",
        api_url=f"http://{NOWHERE}",
    )
    findings = [*check_database(away), check_redis(away), check_api(away)]
    assert levels(findings) == {"database": "fail", "redis": "fail", "api": "fail"}
    assert "secret" not in str(findings)


def test_a_provisioned_database_without_workers(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.submit("A note.")
    monkeypatch.setenv("EPICRISIS_MASTER_KEY", "00" * 32)
    found = levels(list(check_database(place(tmp_path, database_url=ledger.urls.auditor))))
    assert found == {
        "database": "ok",
        "migrations": "ok",
        "role": "ok",
        "row security": "ok",
        "master key": "fail",  # not the one that this ledger was sealed under
        "workers": "fail",
        "prompt model": "warn",
        "queue": "ok",
    }


def test_a_stalled_queue_is_found(ledger: Ledger, tmp_path: Path) -> None:
    ledger.submit("A note.")
    with ledger.owner.transaction() as session:
        session.execute(text("UPDATE documents SET not_before = now() - interval '2 minutes'"))
    found = check_database(place(tmp_path, database_url=ledger.urls.auditor))
    [queue] = [each for each in found if each.check == "queue"]
    assert queue.level == "fail"
    assert "summarization: 1 wait, the oldest for 2 min" in queue.detail
    assert "dispatcher" in (queue.how_to_fix or "")


def test_holes_in_the_walls_are_found(urls: DatabaseUrls, ledger: Ledger, tmp_path: Path) -> None:
    with ledger.owner.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE summaries NO FORCE ROW LEVEL SECURITY")
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    found = {
        finding.check: finding
        for finding in check_database(place(tmp_path, database_url=urls.admin))
    }
    assert found["role"].level == found["row security"].level == "fail"
    assert found["row security"].detail == "not forced on summaries"
    assert found["migrations"].detail.startswith("at 0000")


def test_redis_must_not_evict(valkey_url: str, tmp_path: Path) -> None:
    here = place(tmp_path, redis_url=valkey_url)
    assert check_redis(here).level == "ok"
    with redis.Redis.from_url(valkey_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert check_redis(here).level == "fail"
        client.config_set("maxmemory-policy", "noeviction")


@pytest.mark.parametrize(
    ("engine", "level"),
    [
        ("SmolLM2-135M-Instruct@int8:1", "warn"),
        (None, "warn"),
        ("clinical-8b@float16:2", "ok"),
        ("clinical-8b@openai:gpu-1", "warn"),  # of a tenant that has not opted in
    ],
)
def test_the_model_is_the_one_that_workers_have(
    ledger: Ledger, tmp_path: Path, engine: str | None, level: str
) -> None:
    with ledger.worker.transaction() as session:
        session.execute(
            text(
                "INSERT INTO workers (id, queue, host, pid, state, engine) "
                "VALUES (gen_random_uuid(), 'summarization', 'h', 1, 'idle', :engine)"
            ),
            {"engine": engine},
        )
    found = levels(list(check_database(place(tmp_path, database_url=ledger.urls.auditor))))
    assert found["prompt model"] == level
