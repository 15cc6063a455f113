"""The local side that the settings and the command line ask for."""

from dataclasses import replace
from pathlib import Path

from shammah_tui.adapters.engine.local_engine import LocalEngineStarter
from shammah_tui.adapters.files.log_files import child_log_path
from shammah_tui.adapters.files.settings_file import settings_path
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.chat_templates import is_file
from shammah_tui.core.model.served_model import host_of, served_model
from shammah_tui.core.protocol.child_environment import without_key
from shammah_tui.foundation import Foundation
from shammah_tui.ports import EngineStarter, ModelSource
from shammah_tui.services.local.load_plan import LoadPlan
from shammah_tui.services.local.standby import LocalParts


def local_parts(
    foundation: Foundation, what: str, chosen: str, *, offline: bool
) -> tuple[LocalParts, tuple[str, ...]]:
    """Return the local side, and what is wrong with it in the settings.

    Args:
        foundation: The settings and the offer.
        what: The model that the command line names; empty names none.
        chosen: The one that was last chosen in the panel; counts where nobody names one.
        offline: Whether the network may not be used.

    Raises:
        InvalidModelError: ``what`` is not a model.
    """
    # A model named on the command line is for this machine, whatever the settings say.
    if foundation.settings.endpoint.url and not what:
        return LocalParts(*_endpoint(foundation)), ()
    plan, problems = _plan(foundation, what, chosen, offline=offline)
    engine_log = child_log_path(foundation.logs, "engine")
    key_env = foundation.settings.endpoint.key_env
    starter = LocalEngineStarter(engine_log, without_key(foundation.environment, key_env))
    return LocalParts(plan, foundation.source, starter), problems


def _plan(
    foundation: Foundation, what: str, chosen: str, *, offline: bool
) -> tuple[LoadPlan, tuple[str, ...]]:
    """Return what is asked of the local side, and what is wrong with it; as ``local_parts``."""
    local = foundation.settings.local
    problems: tuple[str, ...] = ()
    wanted = foundation.parse(what) if what else None
    if not what and local.model:
        try:
            wanted = foundation.parse(local.model)
        except InvalidModelError as error:
            problems = (f"{settings_path()}: local.model: {error}; memory decides",)
    elif not what and chosen:
        try:
            wanted = foundation.parse(chosen)
        except InvalidModelError as error:
            problems = (f"The model chosen last cannot be used: {error}; memory decides",)
    plan = LoadPlan(
        wanted=wanted,
        offered=foundation.offered,
        device=local.device,
        context_length=local.context_length or None,
        threads=local.threads or None,
        offline=offline,
        batch_size=local.batch_size or None,
        flash_attention=local.flash_attention,
        kv_type=local.kv_type,
        chat_template=template_setting(local.chat_template),
        loras=tuple(
            replace(lora, path=str(Path(lora.path).expanduser().absolute())) for lora in local.lora
        ),
    )
    return plan, problems


def template_setting(setting: str) -> str:
    """Return a chat template's name as it is, and a path as the engine can open it."""
    return str(Path(setting).expanduser().absolute()) if is_file(setting) else setting


def _endpoint(
    foundation: Foundation,
) -> tuple[LoadPlan, ModelSource, EngineStarter]:
    """Return the local side that a server of the settings is."""
    # Deferred: few name a server.
    from shammah_tui.adapters.endpoint.engine import EndpointStarter
    from shammah_tui.adapters.endpoint.source import EndpointSource

    endpoint = foundation.settings.endpoint
    model = served_model(host_of(endpoint.url), endpoint.model)
    plan = LoadPlan(
        wanted=model,
        offered=(model,),
        context_length=foundation.settings.local.context_length or None,
    )
    return plan, EndpointSource(), EndpointStarter(endpoint, foundation.environment)
