"""A tenant's model version, from the artifact store to its engine."""

from uuid import UUID

from shared.artifacts import ArtifactUnusable
from shared.config import EngineSettings, HomeSettings
from shared.database import Database
from shared.errors import ModelUnavailable, ModelUnusable, NotFound
from shared.registry.mark_unusable import mark_unusable
from shared.registry.queries import ServingVersion
from shared.storage import StorageUnavailable
from workers.inference.artifacts import fetch_model
from workers.inference.engine import Engine
from workers.inference.exchange import open_store
from workers.inference.load import load_version_engine


def load_version(
    database: Database, settings: EngineSettings, tenant: UUID, serving: ServingVersion
) -> Engine:
    """Raises ModelUnavailable for what may pass, ModelUnusable for what will not.

    A version whose files are not what its digest says is marked: no worker tries it again.
    """
    store, home = open_store(), HomeSettings()
    if store is None:
        raise ModelUnusable("There is no artifact store.", how_to_fix="Set EPICRISIS_ARTIFACTS_URL")
    try:
        directory = fetch_model(store, serving.artifact, home)
    except StorageUnavailable as error:
        raise ModelUnavailable("The artifact store is away.") from error
    except (ArtifactUnusable, NotFound) as error:
        with database.transaction(tenant) as session:
            mark_unusable(session, serving.id)
        raise ModelUnusable(error.detail) from error
    return load_version_engine(directory, serving.name, serving.manifest, settings, home)
