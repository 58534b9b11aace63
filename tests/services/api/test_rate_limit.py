"""A tenant that asks too often waits; its neighbours do not."""

from uuid import uuid4

import pytest

from services.api.rate_limit import RateLimit
from shared.errors import TooManyRequests


def test_a_bucket_empties_and_fills_again() -> None:
    now, tenant, other = [0.0], uuid4(), uuid4()
    limit = RateLimit(60, lambda: now[0])
    for _ in range(60):
        limit.take(tenant)
    with pytest.raises(TooManyRequests) as caught:
        limit.take(tenant)
    assert caught.value.retry_after_seconds == 1
    limit.take(other)
    now[0] += 2.0
    limit.take(tenant)
    limit.take(tenant)
    with pytest.raises(TooManyRequests):
        limit.take(tenant)
