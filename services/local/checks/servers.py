"""Checks of what is reached over the network: Redis and the API."""

import httpx2
import redis

from services.local.checks.finding import Finding, Place

_SECONDS = 3.0
_OK = 200


def check_redis(place: Place) -> Finding:
    """Redis must refuse writes when it is full; evicting would drop queued wake-ups."""
    if place.redis_url is None:
        return Finding("redis", "fail", "no URL", "Set EPICRISIS_REDIS_URL or run `epicrisis up`.")
    client = redis.Redis.from_url(
        place.redis_url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS
    )
    try:
        with client:
            client.ping()
            policy = _policy(client)
    except redis.RedisError as error:
        detail = f"does not answer ({type(error).__name__})"
        return Finding("redis", "fail", detail, "Start it, or correct EPICRISIS_REDIS_URL.")
    if policy is None:
        return Finding("redis", "ok", "answers; its memory policy may not be asked")
    if policy != "noeviction":
        return Finding(
            "redis",
            "fail",
            f"maxmemory-policy is {policy}",
            "Set maxmemory-policy noeviction: another one silently drops messages.",
        )
    return Finding("redis", "ok", "answers, noeviction")


def check_api(place: Place) -> Finding:
    if place.api_url is None:
        return Finding("api", "fail", "no URL", "Set EPICRISIS_API_URL or run `epicrisis up`.")
    try:
        answer = httpx2.get(f"{place.api_url}/readyz", timeout=_SECONDS, trust_env=False)
    except httpx2.HTTPError as error:
        detail = f"{place.api_url} does not answer ({type(error).__name__})"
        return Finding("api", "fail", detail, "Start it, or correct EPICRISIS_API_URL.")
    if answer.status_code != _OK:
        detail = f"{place.api_url} is not ready (status {answer.status_code})"
        return Finding("api", "fail", detail, "See the API's log, and the database check above.")
    return Finding("api", "ok", f"{place.api_url} is ready")


def _policy(client: "redis.Redis") -> str | None:
    try:
        found = client.config_get("maxmemory-policy")
    except redis.ResponseError:
        return None
    # redis-py types one method for its blocking and its asynchronous client together.
    policy = found.get("maxmemory-policy") if isinstance(found, dict) else None
    return policy.decode() if isinstance(policy, bytes) else policy
