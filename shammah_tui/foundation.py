"""What the chat and the commands both stand on: settings, the offer, where weights come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shammah_tui.adapters.files.log_files import (
    child_log_path,
    hide_in_log,
    log_folder,
    start_logging,
)
from shammah_tui.adapters.files.settings_file import load_settings, settings_path
from shammah_tui.adapters.hub.hub_environment import hub_cache_dir, hub_endpoint
from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.catalogue import offered_models
from shammah_tui.core.model.model_ref import LocalFiles, model_from_entry, parse_model
from shammah_tui.core.model.model_spec import ModelSpec
from shammah_tui.core.protocol.child_environment import without_key
from shammah_tui.core.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Foundation:
    """What every way to use the program begins with.

    Attributes:
        settings: What the user has set.
        problems: One line for each thing in the settings file that cannot be used.
        offered: The models that have an id, the user's own included.
        source: Where weights come from.
        cache_dir: The root of the Hub's cache.
        logs: The folder of the log files.
        environment: The environment of this process.
    """

    settings: Settings
    problems: tuple[str, ...]
    offered: tuple[ModelSpec, ...]
    source: HubSource
    cache_dir: Path
    logs: Path
    environment: Mapping[str, str]

    def parse(self, what: str) -> ModelSpec:
        """Return the model that ``what`` names, wherever it is given.

        Raises:
            InvalidModelError: It names none.
            MissingFileError: It is a path without a file.
        """
        return parse_model(what, self.offered, _files(self.environment))


def lay_foundation(
    environment: Mapping[str, str], loaded: tuple[Settings, tuple[str, ...]] | None = None
) -> Foundation:
    """Read the settings file, begin to log, and return what follows from both.

    Args:
        environment: The environment of this process.
        loaded: The settings and what is wrong with them; None reads them here.
    """
    logs = log_folder()
    start_logging(logs, environment)
    settings, problems = loaded or load_settings(settings_path())
    if key_env := settings.endpoint.key_env:
        hide_in_log(environment.get(key_env, "").strip())
    own = []
    for entry in settings.models:
        try:
            own.append(model_from_entry(entry, _files(environment)))
        except InvalidModelError as error:
            problem = f"models.{entry.id}: {error}; it is not offered"
            problems += (f"{settings_path()}: {problem}",)
    cache_dir = hub_cache_dir(environment)
    source = HubSource(
        cache_dir,
        hub_endpoint(environment),
        child_log_path(logs, "fetch"),
        settings.local.download_limit_bytes_per_s,
        without_key(environment, settings.endpoint.key_env),
    )
    offered = offered_models(own)
    return Foundation(settings, problems, offered, source, cache_dir, logs, environment)


def _files(environment: Mapping[str, str]) -> LocalFiles:
    return LocalFiles(
        is_file=lambda path: Path(path).expanduser().is_file(),
        absolute=lambda path: str(Path(path).expanduser().absolute()),
        endpoint=hub_endpoint(environment),
    )
