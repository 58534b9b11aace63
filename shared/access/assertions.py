"""A client's signed assertion (RFC 7523, as SMART Backend Services narrows it).

Pure: what it says and whether it holds, for a key set, an address and a time.
"""

import json
import math
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError

from shared.access.jwks import ALGORITHMS, Jwk, import_jwk

LIFETIME_SECONDS = 300
_LEEWAY_SECONDS = 5
"""Clocks differ. Not granted to an assertion that has expired."""
_MAX_CHARACTERS = 8_192
_MAX_JTI = 255


class BadAssertion(Exception):
    """Some check failed. Which one is nobody's business but the client's own logs'."""


class Assertion(NamedTuple):
    """Nothing of it is proven before `verify`."""

    signed: jws.CompactSignature
    claims: dict[str, Any]

    @property
    def issuer(self) -> str:
        """Raises BadAssertion."""
        return _text(self.claims, "iss")


def parse(text: str) -> Assertion:
    """Raises BadAssertion."""
    if len(text) > _MAX_CHARACTERS:
        raise BadAssertion
    try:
        signed = jws.extract_compact(text.encode("ascii"))
        claims = json.loads(signed.payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise BadAssertion from None
    # `crit` and `b64` change what a signature covers; nobody needs them here.
    if not isinstance(claims, dict) or {"crit", "b64"} & signed.headers().keys():
        raise BadAssertion
    return Assertion(signed, claims)


def verify(
    assertion: Assertion, keys: Sequence[Jwk], audiences: Collection[str], now: float
) -> str:
    """Returns the `jti`; that it was not used before is still to be seen. Raises BadAssertion.

    The key is the one that the header's `kid` names, and the algorithm is the one of the key:
    whatever else the header says chooses nothing and is fetched from nowhere.
    """
    headers = assertion.signed.headers()
    key = next((key for key in keys if key["kid"] == headers.get("kid")), None)
    if key is None:
        raise BadAssertion
    try:
        holds = jws.validate_compact(assertion.signed, import_jwk(key), [ALGORITHMS[key["kty"]]])
    except (JoseError, ValueError, TypeError, KeyError):
        raise BadAssertion from None
    if not holds or _text(assertion.claims, "sub") != assertion.issuer:
        raise BadAssertion
    _check_audience(assertion.claims.get("aud"), audiences)
    _check_times(assertion.claims, now)
    jti = _text(assertion.claims, "jti")
    if len(jti) > _MAX_JTI:
        raise BadAssertion
    return jti


def expiry(assertion: Assertion) -> float:
    """Seconds since the epoch. Raises BadAssertion."""
    return _time(assertion.claims, "exp")


def _check_audience(given: object, audiences: Collection[str]) -> None:
    named = given if isinstance(given, list) else [given]
    if not any(isinstance(name, str) and name in audiences for name in named):
        raise BadAssertion


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires = _time(claims, "exp")
    if not now < expires <= now + LIFETIME_SECONDS + _LEEWAY_SECONDS:
        raise BadAssertion
    if "iat" in claims:
        issued = _time(claims, "iat")
        if issued > now + _LEEWAY_SECONDS or expires - issued > LIFETIME_SECONDS:
            raise BadAssertion
    if "nbf" in claims and _time(claims, "nbf") > now + _LEEWAY_SECONDS:
        raise BadAssertion


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 2**53:
        raise BadAssertion
    if not math.isfinite(value):
        raise BadAssertion
    return float(value)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise BadAssertion
    return value
