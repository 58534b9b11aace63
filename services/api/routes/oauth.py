"""Access tokens for clients: SMART Backend Services (client credentials, `private_key_jwt`).

Errors are RFC 6749's. Every assertion that proves nobody is answered alike, whichever check failed.
"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from services.api.dependencies import ServicesDep
from services.api.form import Form, FormDep
from shared.access.jwks import ALGORITHMS
from shared.access.tokens import TOKEN_SECONDS, InvalidClient, InvalidScope, issue_token
from shared.config import AddressSettings
from shared.ids import public_id
from shared.schemas.access import SCOPES
from shared.schemas.oauth import SmartConfiguration, TokenAnswer, TokenError, TokenRefusal

router = APIRouter(tags=["oauth"])

_PATH = "/oauth/token"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS = {"http": 80, "https": 443}
_FIELDS = ("grant_type", "client_assertion_type", "client_assertion", "scope")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in _FIELDS},
                    "required": list(_FIELDS[:3]),
                }
            }
        },
    }
}


@router.post(
    _PATH,
    response_model=TokenAnswer,
    responses={400: {"model": TokenRefusal}, 401: {"model": TokenRefusal}},
    openapi_extra=_BODY,
)
def token(request: Request, form: FormDep, services: ServicesDep) -> TokenAnswer | JSONResponse:
    """A token of 300 seconds for an assertion that the client has signed (RS384 or ES384).

    The assertion: `iss` and `sub` the client's id, `aud` this endpoint's URL, `exp` at most 300
    seconds ahead, `jti` never used before, and the header's `kid` one of the registered keys.
    """
    wrong = _wrong_request(form)
    if form is None or wrong is not None:
        return _refuse(400, wrong or "invalid_request")
    assertion = form.get("client_assertion", "")
    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        return _refuse(401, "invalid_client")
    try:
        with services.database.transaction() as session:
            issued = issue_token(session, assertion, form.get("scope"), _endpoints(request))
            holder = issued.principal
            services.rate.take(holder.tenant)
            client = public_id("client", holder.client or holder.key)
            services.audit(session, holder, "token.issue", client)
    except InvalidClient:
        return _refuse(401, "invalid_client")
    except InvalidScope:
        return _refuse(400, "invalid_scope")
    return TokenAnswer(
        access_token=issued.text, expires_in=TOKEN_SECONDS, scope=" ".join(issued.scopes)
    )


@router.get("/.well-known/smart-configuration")
def smart_configuration(request: Request) -> SmartConfiguration:
    """Where tokens are asked for, and how."""
    return SmartConfiguration(
        token_endpoint=_endpoints(request)[0],
        token_endpoint_auth_methods_supported=["private_key_jwt"],
        token_endpoint_auth_signing_alg_values_supported=sorted(ALGORITHMS.values()),
        grant_types_supported=["client_credentials"],
        scopes_supported=[scope for scope in SCOPES if scope != "admin"],
        capabilities=["client-confidential-asymmetric"],
    )


def _wrong_request(form: Form) -> TokenError | None:
    if form is None or not form.get("grant_type"):
        return "invalid_request"
    return None if form["grant_type"] == "client_credentials" else "unsupported_grant_type"


def _endpoints(request: Request) -> list[str]:
    """The URLs that an assertion may be addressed to, first the one to tell others.

    Without EPICRISIS_PUBLIC_URL those of the socket that the request came in at. The Host header is
    the sender's to choose, and would let an assertion meant for another server be used here.
    """
    public = AddressSettings().public_url
    if public is not None:
        return [public.rstrip("/") + _PATH]
    host, port = request.scope["server"]
    scheme = request.url.scheme
    suffix = "" if port is None or port == _PORTS.get(scheme) else f":{port}"
    names = _LOOPBACK if host in _LOOPBACK else (host,)
    asked = [name for name in names if name == request.url.hostname]
    return [f"{scheme}://{_bracketed(name)}{suffix}{_PATH}" for name in (*asked, *names)]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refuse(status: int, error: TokenError) -> JSONResponse:
    return JSONResponse(TokenRefusal(error=error).model_dump(), status_code=status)
