"""Bodies that no sender would write, made of bodies that one would."""

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

MAX_BYTES = 4096

_ODD_BYTES = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r\n", b"\n", b"\r\n--B0",
    b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"[", b"}", b"]", b":", b",", b"<", b">", b"&",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&b;", b"&nbsp;",
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-7'?>", b"--",
    b"9" * 5000, b"[" * 200, b"<a>" * 120, b'{"a":' * 70, b"NaN", b"=", b";", b"\x1f\x8b\x08",
    "\u2028\x85\u0661".encode(), b'colspan="99999"', b'rowspan="65534"', b'xmlns:x="y" x:hidden=""',
)  # fmt: skip
_ODD_VALUES: tuple[Callable[[random.Random], Any], ...] = (
    lambda _: None,
    lambda _: True,
    lambda _: "",
    lambda _: " \n\t",
    lambda _: "\0",
    lambda _: "\ud800",
    lambda _: "é" * 600,
    lambda _: "http://[::1",
    lambda _: "urn:uuid:b1",
    lambda _: "Binary/b1",
    lambda _: "text/plain; charset=utf-7",
    lambda _: "application/xml",
    lambda _: [],
    lambda _: {},
    lambda _: [[]],
    lambda dice: dice.randint(-(2**70), 2**70),
    lambda dice: dice.uniform(-1e308, 1e308),
    lambda dice: [None] * dice.randint(1, 20),
    lambda dice: {str(n): n for n in range(dice.randint(1, 20))},
    lambda dice: _nested(dice.randint(10, 70)),
)
_TAG = re.compile(rb"<[^<>]*>")
_ATTRIBUTE = re.compile(rb'="[^"<>]*"')


def mutated(seed: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """A variation of `seed`, of at most `MAX_BYTES`, with pieces of `others` in it."""
    body = seed
    structured = {b"{": _json, b"<": _xml, b"-": _embedded}.get(seed[:1])
    if structured and dice.random() < 0.8:
        for _ in range(dice.choice((1, 1, 2, 4))):
            body = structured(body, others, dice)
    if body is seed or dice.random() < 0.25:
        for _ in range(dice.choice((1, 1, 2, 3, 8))):
            body = dice.choice(_OF_BYTES)(body, others, dice)
    return body[:MAX_BYTES]


def _flip(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    changed = bytearray(body or b"\0")
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _insert(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randint(0, len(body))
    return body[:at] + dice.choice(_ODD_BYTES) + body[at:]


def _cut_out(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randint(0, len(body))
    return body[:at] + body[at + dice.randint(1, 40) :]


def _truncate(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    return body[: dice.randint(0, len(body))]


def _double(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    at = dice.randint(0, len(body))
    return body[:at] + body[at : at + dice.randint(1, 200)] * dice.choice((2, 3, 30)) + body[at:]


def _splice(body: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    other = dice.choice(others)
    return body[: dice.randint(0, len(body))] + other[dice.randint(0, len(other)) :]


_OF_BYTES = (_flip, _flip, _insert, _insert, _cut_out, _truncate, _double, _splice)


_FRAGMENTS = (
    b"<td/>", b'<td rowspan="65534">x</td>', b'<th colspan="50">y</th>', b"<tr><td>z</td></tr>",
    b"<table><thead/><tbody/></table>", b"<table><tr><th>h</th><th/></tr><tr/></table>", b"<list/>",
    b"<item/>", b"<ul><li/><li><p/></li></ul>", b"<br/>", b"<sup>2</sup>", b"<pre>\n\n</pre>",
    b"<![CDATA[<b>]]>", b"<!-- c -->", b"<?pi?>", b"&#233;", b"&amp;", b"&#x1F600;", b"<h1/>",
    b'<text mediaType="text/html"/>', b"<section><title/><text/></section>", b'<id root=""/>',
    b'<p hidden="">no</p>', b'<content revised="delete">no</content>', b"<footnote><p/></footnote>",
)  # fmt: skip


def _xml(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    """One tag, or one attribute's value, changed in its place."""
    pattern = _TAG if dice.random() < 0.6 else _ATTRIBUTE
    found = list(pattern.finditer(body))
    if not found:
        return body
    first, second = dice.choice(found), dice.choice(found)
    if pattern is _ATTRIBUTE:
        value = dice.choice((b'=""', b'="99999"', b'="\xc3\xa9"', b'="&#0;"', second.group()))
        return body[: first.start()] + value + body[first.end() :]
    if dice.random() < 0.5:  # still well-formed
        return body[: first.end()] + dice.choice(_FRAGMENTS) + body[first.end() :]
    instead = dice.choice((b"", second.group(), first.group() * 2, dice.choice(_ODD_BYTES)))
    if dice.random() < 0.3:  # an element, or what lies between two tags, once more
        start, end = sorted((first.start(), second.end()))
        return body[:end] + body[start:end] + body[end:]
    return body[: first.start()] + instead + body[first.end() :]


def _embedded(body: bytes, others: Sequence[bytes], dice: random.Random) -> bytes:
    """Of multipart: one of its blocks between delimiters, changed, left out or said twice."""
    blocks = body.split(b"\r\n\r\n")
    at = dice.randrange(len(blocks))
    change = dice.randrange(4)
    if change == 0:
        del blocks[at]
    elif change == 1:
        blocks.insert(at, dice.choice(blocks))
    else:
        blocks[at] = dice.choice((_xml, _flip, _insert, _cut_out))(blocks[at], others, dice)
    return b"\r\n\r\n".join(blocks)


def _json(body: bytes, _: Sequence[bytes], dice: random.Random) -> bytes:
    """One value of one line replaced, left out or moved."""
    lines = body.split(b"\n")
    at = dice.randrange(len(lines))
    try:
        value = json.loads(lines[at])
    except (ValueError, RecursionError):
        return _flip(body, (), dice)
    holders = list(_holders(value, 0))
    if not holders:
        return body
    holder, key = dice.choice(holders)
    other, name = dice.choice(holders)
    change = dice.randrange(4)
    if change == 0:
        del holder[key]
    elif change == 1:
        holder[key] = json.loads(json.dumps(other[name]))
    else:
        holder[key] = dice.choice(_ODD_VALUES)(dice)
    text = json.dumps(value, ensure_ascii=dice.random() < 0.7)
    lines[at] = text.encode(errors="surrogatepass")
    return b"\n".join(lines)


def _holders(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    """Each (container, key) below a value, not deeper than any seed."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in list(pairs):
        yield value, key
        if depth < 12:
            yield from _holders(inner, depth + 1)


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value
