"""A client's public keys (RFC 7517), checked before they are believed.

SMART Backend Services asks for RS384 and ES384: RSA of at least 2048 bits, EC on P-384. Keys are
given by value; a URL to fetch them from is refused.
"""

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from shared.errors import InvalidInput

ALGORITHMS = {"RSA": "RS384", "EC": "ES384"}
"""By `kty`: the one signature that is accepted of such a key."""
_MAX_KEYS = 10
_MAX_KID = 128
_RSA_BITS = (2048, 8192)
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_PUBLIC = {"RSA": ("kty", "kid", "n", "e"), "EC": ("kty", "kid", "crv", "x", "y")}

Jwk = dict[str, str]


def check_jwks(keys: Sequence[Mapping[str, object]]) -> dict[str, list[Jwk]]:
    """The key set as it is kept: public members only. Raises InvalidInput."""
    if not 1 <= len(keys) <= _MAX_KEYS:
        raise _bad(f"A client has between 1 and {_MAX_KEYS} keys.")
    if any(_PRIVATE & key.keys() for key in keys):
        raise InvalidInput(
            "A private key was sent. It has left its owner: treat it as known to others.",
            code="private_key_sent",
            param="jwks",
            how_to_fix="Make a new pair, and send the public half only: kty, kid and n, e or "
            "crv, x, y.",
        )
    checked = [_check(key) for key in keys]
    if len({key["kid"] for key in checked}) < len(checked):
        raise _bad("Two keys have the same kid.")
    return {"keys": checked}


def import_jwk(key: Jwk) -> RSAKey | ECKey:
    """Raises JoseError or ValueError unless it is a key."""
    return RSAKey.import_key({**key}) if key["kty"] == "RSA" else ECKey.import_key({**key})


def _check(key: Mapping[str, object]) -> Jwk:
    kty, kid = key.get("kty"), key.get("kid")
    if not isinstance(kty, str) or kty not in ALGORITHMS:
        raise _bad("A key has to be of kty RSA or EC.")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID or not kid.isprintable():
        raise _bad(f"Each key needs a kid of up to {_MAX_KID} characters.")
    if key.get("use", "sig") != "sig" or key.get("alg", ALGORITHMS[kty]) != ALGORITHMS[kty]:
        raise _bad("A key is for another use than signatures of RS384 (RSA) or ES384 (EC).")
    if kty == "EC" and key.get("crv") != "P-384":
        raise _bad("An EC key has to be on the curve P-384.")
    kept = {name: value for name in _PUBLIC[kty] if isinstance(value := key.get(name), str)}
    try:
        if kty == "RSA":
            _check_size(kept["n"])
        import_jwk(kept)
    except (JoseError, ValueError, KeyError):
        raise _bad("A key cannot be read.") from None
    return kept


def _check_size(modulus: str) -> None:
    low, high = _RSA_BITS
    if not low <= int.from_bytes(urlsafe_b64decode(modulus + "==")).bit_length() <= high:
        raise _bad(f"An RSA key has to have between {low} and {high} bits.")


def _bad(detail: str) -> InvalidInput:
    return InvalidInput(
        detail,
        code="invalid_jwks",
        param="jwks",
        how_to_fix='Send {"keys": […]} with public keys: RSA of 2048 bits or more, or EC P-384.',
    )
