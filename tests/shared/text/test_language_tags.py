import pytest

from shared.text.language_tags import is_among, is_tag, plain_tag, primary_subtag


@pytest.mark.parametrize("tag", ["en", "en-US", "de-CH-1996", "zh-Hant-TW", "es-419", "en-x-ward"])
def test_a_tag(tag: str) -> None:
    assert is_tag(tag)


@pytest.mark.parametrize("tag", ["", "english", "e", "en_US", "en-", "en US", "en-US\n", "ен"])
def test_no_tag(tag: str) -> None:
    assert not is_tag(tag)


def test_languages_meet_by_their_primary_subtag() -> None:
    assert [primary_subtag(tag) for tag in ("en-US", "EN_us", "ger", "und", "English")] == [
        *("en", "en", "de", None, None)
    ]
    assert is_among("en-US", ["en"])
    assert is_among("eng", ["en-GB"])
    assert not is_among("de", ["en", "fr"])
    assert is_among("de", [])
    assert is_among(None, ["en"])


@pytest.mark.parametrize(
    ("tag", "plain"),
    [
        ("de", "de"),
        ("pt_BR", "pt-BR"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("en-US-smith", "en-US"),
        ("en-x-mrsmith", "en"),
        ("x-smith", None),
        ("Mrs Smith", None),
    ],
)
def test_only_language_script_and_region_are_kept(tag: str, plain: str | None) -> None:
    assert plain_tag(tag) == plain
