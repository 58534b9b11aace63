"""`POST /oauth/token` and how it is found (RFC 6749, SMART Backend Services)."""

from typing import Literal

from shared.schemas.base import Answer

TokenError = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "unsupported_grant_type",
]


class TokenAnswer(Answer):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a word of the standard
    expires_in: int
    """Seconds."""
    scope: str


class TokenRefusal(Answer):
    """RFC 6749, section 5.2."""

    error: TokenError


class SmartConfiguration(Answer):
    """`/.well-known/smart-configuration` (SMART App Launch 2.2, "Conformance")."""

    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    grant_types_supported: list[str]
    scopes_supported: list[str]
    capabilities: list[str]
