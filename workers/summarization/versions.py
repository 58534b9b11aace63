"""The model versions that this worker has loaded: those that it used last."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from uuid import UUID

from shared.registry.queries import ServingVersion
from workers.inference.engine import Engine
from workers.presence import Presence
from workers.summarization.model import Model

Load = Callable[[UUID, ServingVersion], Engine]
"""The engine of a tenant's version. Raises ModelUnavailable and ModelUnusable."""


class Versions:
    """At most `most` at a time, so that many note types do not fill the device's memory."""

    def __init__(
        self, load: Load, presence: Presence, fallback_after_seconds: float, *, most: int
    ) -> None:
        self._load = load
        self._presence = presence
        self._fallback_after = fallback_after_seconds
        self._most = most
        self._models: OrderedDict[UUID, Model] = OrderedDict()

    def any_ready(self) -> bool:
        return any(model.state() == "ready" for model in self._models.values())

    def of(self, tenant: UUID, version: ServingVersion) -> Model:
        """The version's model, not loaded before it is prepared."""
        model = self._models.get(version.id)
        if model is None:
            load = partial(self._load, tenant, version)
            model = Model(version.name, load, self._presence, self._fallback_after)
            self._models[version.id] = model
        self._models.move_to_end(version.id)
        while len(self._models) > self._most:
            _, left = self._models.popitem(last=False)
            left.worked()
        return model
