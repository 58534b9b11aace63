"""Fixtures for every test; each is documented where it is defined."""

pytest_plugins = [
    "tests.fixtures.servers",
    "tests.fixtures.ledger",
    "tests.fixtures.audit",
    "tests.fixtures.conversions",
    "tests.fixtures.object_store",
    "tests.fixtures.openai_server",
]
