"""The composition root: makes services over adapters, from the settings and the environment.

The chat and ``shammah ask`` take their services from here, the other commands what they need of a
``Setup``. Imports that only the services need are inside the functions that make them: they would
take the other commands as long again as their own. It is long because everything is made here.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shammah_tui.adapters.files.log_files import (
    child_log_path,
    hide_in_log,
    log_folder,
    start_logging,
)
from shammah_tui.adapters.files.remembered_name import chosen_model, download_answer
from shammah_tui.adapters.files.settings_file import load_settings, settings_path
from shammah_tui.adapters.files.state_file import state_folder
from shammah_tui.adapters.hub.hub_environment import hub_cache_dir, hub_endpoint
from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.commands.models.inventory import Inventory
from shammah_tui.core.conversation.pins import Side
from shammah_tui.core.errors import BackendError, InvalidModelError
from shammah_tui.core.model.catalogue import offered_models
from shammah_tui.core.model.chat_templates import is_file
from shammah_tui.core.model.model_ref import LocalFiles, model_from_entry, parse_model
from shammah_tui.core.protocol.child_environment import without_key

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from shammah_tui.commands.ask.ask_question import AskRequest
    from shammah_tui.commands.doctor.doctor import Installation
    from shammah_tui.core.local.generator import NotAvailable, Snapshot
    from shammah_tui.core.model.model_spec import ModelSpec
    from shammah_tui.core.settings.settings import Settings
    from shammah_tui.core.wording.status import StatusKeys
    from shammah_tui.ports import (
        Backend,
        ClaudeKey,
        Clipboard,
        ConversationStore,
        EngineStarter,
        HardwareProbe,
        LoraFiles,
        ModelSource,
    )
    from shammah_tui.services.local.load_plan import LoadPlan
    from shammah_tui.services.local.preferences import LocalPreferences
    from shammah_tui.services.services import CheckKey, Services

    OnChange = Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class Setup:
    """What the settings and the environment say.

    ``problems`` has a line for each thing in the settings that cannot be used; ``offered`` are the
    models that have an id, the user's own included.
    """

    settings: Settings
    problems: tuple[str, ...]
    offered: tuple[ModelSpec, ...]
    source: HubSource
    logs: Path
    environment: Mapping[str, str]

    def parse(self, what: str) -> ModelSpec:
        """Return the model that ``what`` names.

        Raises:
            InvalidModelError: It names none.
            MissingFileError: It is a path without a file.
        """
        model = parse_model(what, self.offered, _files(self.environment))
        if model.local_path is None or model.local_path.endswith(".gguf"):
            return model
        # A file called by its digest: the program that keeps it has a name for it.
        label = self.source.outside().get(model.local_path, model.label)
        return replace(model, label=label)

    @property
    def inventory(self) -> Inventory:
        """What is on this machine now."""
        return Inventory(self.offered, self.source, self.parse)


def read_setup(
    environment: Mapping[str, str], loaded: tuple[Settings, tuple[str, ...]] | None = None
) -> Setup:
    """Begin to log, and return what the settings say: those ``loaded``, else the file's."""
    logs = log_folder()
    start_logging(logs, environment)
    settings, problems = loaded or load_settings(settings_path())
    key_env = settings.endpoint.key_env
    hide_in_log(environment.get(key_env, "").strip())
    own = []
    for entry in settings.models:
        try:
            own.append(model_from_entry(entry, _files(environment)))
        except InvalidModelError as error:
            problem = f"models.{entry.id}: {error}; it is not offered"
            problems += (f"{settings_path()}: {problem}",)
    source = HubSource(
        hub_cache_dir(environment),
        hub_endpoint(environment),
        child_log_path(logs, "fetch"),
        settings.local.download_limit_bytes_per_s,
        without_key(environment, key_env),
    )
    return Setup(settings, problems, offered_models(own), source, logs, environment)


def _files(environment: Mapping[str, str]) -> LocalFiles:
    return LocalFiles(
        is_file=lambda path: Path(path).expanduser().is_file(),
        absolute=lambda path: str(Path(path).expanduser().absolute()),
        endpoint=hub_endpoint(environment),
    )


@dataclass(frozen=True, slots=True)
class LocalSide:
    """The local side that the settings and the command line ask for.

    ``problems`` has a line for each thing in the settings that cannot be used for it.
    """

    plan: LoadPlan
    source: ModelSource
    starter: EngineStarter
    problems: tuple[str, ...] = ()


def local_side(setup: Setup, what: str = "", *, offline: bool = True) -> LocalSide:
    """Return a model on this machine, or the server of the settings.

    The model that the command line names (``what``) is on this machine, whatever the settings say.

    Raises:
        InvalidModelError: ``what`` is not a model.
        MissingFileError: It is a path without a file.
    """
    from shammah_tui.adapters.engine.local_engine import LocalEngineStarter

    endpoint = setup.settings.endpoint
    if endpoint.url and not what:
        return _served(setup)
    plan, problems = _plan(setup, what, offline=offline)
    environment = without_key(setup.environment, endpoint.key_env)
    starter = LocalEngineStarter(child_log_path(setup.logs, "engine"), environment)
    return LocalSide(plan, setup.source, starter, problems)


def _served(setup: Setup) -> LocalSide:
    # Deferred: few name a server.
    from shammah_tui.adapters.endpoint.engine import EndpointSource, EndpointStarter
    from shammah_tui.core.model.served_model import host_of, served_model
    from shammah_tui.services.local.load_plan import LoadPlan

    endpoint = setup.settings.endpoint
    model = served_model(host_of(endpoint.url), endpoint.model)
    length = setup.settings.local.context_length or None
    plan = LoadPlan(wanted=model, offered=(model,), context_length=length)
    return LocalSide(plan, EndpointSource(), EndpointStarter(endpoint, setup.environment))


def _plan(setup: Setup, what: str, *, offline: bool) -> tuple[LoadPlan, tuple[str, ...]]:
    """Return what is to be loaded, and what is wrong with it in the settings."""
    from shammah_tui.adapters.files.starter_model import starter_model
    from shammah_tui.core.model.reading_pace import PaceFloor
    from shammah_tui.services.local.load_plan import LoadPlan

    local = setup.settings.local
    wanted, problems = setup.parse(what) if what else None, tuple[str, ...]()
    if not what:
        named, wrong = local.model, f"{settings_path()}: local.model"
        if not named:
            named = chosen_model().recall()
            wrong = "The model chosen last cannot be used"
        try:
            wanted = setup.parse(named) if named else None
        except InvalidModelError as error:
            problems = (f"{wrong}: {error}; memory decides",)
    plan = LoadPlan(
        wanted=wanted,
        offered=setup.offered,
        device=local.device,
        context_length=local.context_length or None,
        threads=local.threads or None,
        offline=offline,
        batch_size=local.batch_size or None,
        flash_attention=local.flash_attention,
        kv_type=local.kv_type,
        pace_floor=PaceFloor(local.least_speed, local.most_prompt_time),
        ladder=local.ladder,
        starter_model=starter_model(setup.environment),
        chat_template=(
            _absolute(local.chat_template) if is_file(local.chat_template) else local.chat_template
        ),
        loras=tuple(replace(lora, path=_absolute(lora.path)) for lora in local.lora),
    )
    return plan, problems


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What services work with.

    Attributes:
        claude: Returns Claude, or why it cannot be asked now.
        claude_model: The id of its model, for labels before the API has told it.
        private_store: Makes a store that keeps nothing, for a private conversation.
        lora_files: The LoRA adapters on this disk; None where they are a server's.
        on_disk: Returns every model on this disk.
    """

    claude: Callable[[], Backend | BackendError]
    source: ModelSource
    starter: EngineStarter
    probe: HardwareProbe
    store: ConversationStore
    key: ClaudeKey
    check_key: CheckKey
    claude_model: str = ""
    private_store: Callable[[], ConversationStore] | None = None
    preferences: LocalPreferences | None = None
    lora_files: LoraFiles | None = None
    on_disk: Callable[[], tuple[ModelSpec, ...]] = tuple
    parse: Callable[[str], ModelSpec] | None = None
    clipboard: Clipboard | None = None
    warm_up: Callable[[], Coroutine[Any, Any, None]] | None = None
    aclose: Callable[[], Coroutine[Any, Any, None]] | None = None


def services_for(
    settings: Settings,
    plan: LoadPlan,
    adapters: Adapters,
    on_change: OnChange,
    *,
    keys: StatusKeys | None = None,
    system_prompt: str | None = None,
    replaces_text: bool = True,
    absence: NotAvailable | None = None,
    problems: tuple[str, ...] = (),
) -> Services:
    """Return the services over ``adapters``.

    Snapshots of the local model go to ``on_change``, on another thread; ``system_prompt`` takes the
    place of the settings' own; ``absence`` says why no model is loaded, and None loads one.
    """
    from shammah_tui.core.routing.routing import Router
    from shammah_tui.core.wording.status import StatusKeys
    from shammah_tui.services.conversation.chat_session import ChatSession
    from shammah_tui.services.local.bootstrap import BootstrapLoader
    from shammah_tui.services.local.lora_list import LoraList
    from shammah_tui.services.local.model_list import ModelList
    from shammah_tui.services.services import Services
    from shammah_tui.services.turn.attempts import local_backend
    from shammah_tui.services.turn.chat_turn import ChatTurn

    preferences, source, files = adapters.preferences, adapters.source, adapters.lora_files
    loader = BootstrapLoader(
        plan,
        source,
        adapters.starter,
        adapters.probe,
        on_change,
        preferences=preferences,
        absence=absence,
        has_key=lambda: not isinstance(adapters.claude(), BackendError),
    )
    prompt = settings.system_prompt if system_prompt is None else system_prompt
    names = keys or StatusKeys()
    turn = ChatTurn(
        Router(),
        adapters.claude,
        lambda: local_backend(loader.active, thinking=settings.local.thinking),
        lambda: loader.snapshot.state,
        claude_model=lambda: adapters.claude_model,
        system_prompt=lambda: prompt,
        keys=lambda: names,
        replaces_text=replaces_text,
    )
    switches = None if preferences is None else preferences.switches
    return Services(
        settings=settings,
        plan=plan,
        loader=loader,
        session=ChatSession(
            turn, adapters.store, settings.prices.cost_microusd, adapters.private_store
        ),
        models=ModelList(
            plan,
            source,
            lambda: loader.snapshot,
            None if preferences is None else preferences.speeds,
            None if switches is None or files is None else LoraList(plan.loras, switches, files),
            adapters.on_disk,
            adapters.parse,
        ),
        problems=problems,
        clipboard=adapters.clipboard,
        key=adapters.key,
        check_key=adapters.check_key,
        warm_up=adapters.warm_up,
        aclose=adapters.aclose,
    )


def chat_services(
    what: str,
    loaded: tuple[Settings, tuple[str, ...]],
    on_change: OnChange,
    on_notice: Callable[[str], None],
    *,
    offline: bool,
) -> Services:
    """Return the services of the chat.

    Snapshots of the local model go to ``on_change``, sentences for the user to ``on_notice``, both
    on another thread.

    Raises:
        InvalidModelError, MissingFileError: As ``local_side``.
    """
    from shammah_tui.adapters.claude.claude import Claude
    from shammah_tui.adapters.claude.key_holder import KeyHolder
    from shammah_tui.adapters.files.lora_files import LoraFiles, loras_folder
    from shammah_tui.adapters.files.lora_switches import kept_switches
    from shammah_tui.adapters.files.settings_file import ClaudeSettingsFile
    from shammah_tui.adapters.files.speed_records import FILE_NAME as SPEEDS_FILE
    from shammah_tui.adapters.files.speed_records import SpeedFile
    from shammah_tui.adapters.machine.clipboard import SystemClipboard
    from shammah_tui.adapters.machine.hardware import MachineProbe
    from shammah_tui.adapters.sqlite.opening import store_path
    from shammah_tui.adapters.sqlite.store import SqliteStore
    from shammah_tui.services.local.preferences import LocalPreferences
    from shammah_tui.ui.frame.keys import status_keys

    with suppress(OSError):
        # Where older versions kept what was last seen of a conversation.
        (state_folder() / "screenful").unlink()
    setup = read_setup(os.environ, loaded)
    settings, local = setup.settings, local_side(setup, what, offline=offline)
    is_served = local.plan.is_served
    newest = ClaudeSettingsFile(settings_path(), settings.claude).newest
    key = KeyHolder.of_user(setup.environment)
    key.begin_reading()
    claude = Claude(
        settings.claude.model, settings.claude.max_tokens, setup.environment, key, newest=newest
    )
    adapters = Adapters(
        claude=claude.side,
        claude_model=settings.claude.model,
        source=local.source,
        starter=local.starter,
        probe=MachineProbe(),
        # Made on this thread: on the screen's, it would hold keys up for 17 ms.
        store=SqliteStore(store_path(), on_notice),
        private_store=lambda: SqliteStore(None, on_notice),
        preferences=LocalPreferences(
            SpeedFile(state_folder() / SPEEDS_FILE),
            chosen_model(),
            None if is_served else kept_switches(),
            download_answer(),
        ),
        lora_files=LoraFiles(loras_folder(), setup.source.cache_dir),
        on_disk=lambda: tuple(each.model for each in setup.inventory.holdings),
        parse=setup.parse,
        clipboard=SystemClipboard(setup.environment),
        key=key,
        check_key=claude.check,
        warm_up=claude.warm_up,
        aclose=claude.aclose,
    )
    return services_for(
        settings,
        local.plan,
        adapters,
        on_change,
        keys=status_keys(settings.keys),
        problems=setup.problems + local.problems,
    )


def ask_services(
    setup: Setup, request: AskRequest
) -> Callable[[ConversationStore, OnChange], Services]:
    """Return what makes the services of ``shammah ask``, over a store.

    Only what is on this machine is loaded, and only where it is to answer.

    Raises:
        InvalidModelError, MissingFileError: As ``local_side``.
    """
    from shammah_tui.adapters.claude.claude import Claude
    from shammah_tui.adapters.claude.key_holder import KeyHolder
    from shammah_tui.adapters.files.lora_switches import kept_switches
    from shammah_tui.adapters.machine.hardware import MachineProbe
    from shammah_tui.core.local.generator import NotAvailable, NotLoaded, Offline
    from shammah_tui.services.local.load_plan import offline_plan
    from shammah_tui.services.local.preferences import LocalPreferences

    settings, local = setup.settings, local_side(setup, request.what)
    key = KeyHolder.of_user(setup.environment)
    if request.pin is not Side.LOCAL:
        key.begin_reading()
        key.wait()
    claude = Claude(settings.claude.model, settings.claude.max_tokens, setup.environment, key)
    is_served = local.plan.is_served
    absence = None
    plan = offline_plan(local.plan, local.source, is_named=bool(request.what))
    if plan is not None:
        # Where a model of the user's own fails, a script wants to know that.
        plan = replace(plan, starter_model=None)
    elif local.plan.starter_model is not None and not request.what:
        plan = replace(local.plan, wanted=None, offline=True)
    if plan is None:
        absence = NotAvailable(Offline())
    elif not request.loads_local(is_served=is_served, has_key=key.has_key):
        absence = NotAvailable(NotLoaded())

    def make(store: ConversationStore, on_change: OnChange) -> Services:
        adapters = Adapters(
            claude=claude.side,
            claude_model=settings.claude.model,
            source=local.source,
            starter=local.starter,
            probe=MachineProbe(),
            store=store,
            # What was switched in the panel counts here, too; a server has its own adapters.
            preferences=LocalPreferences(switches=None if is_served else kept_switches()),
            key=key,
            check_key=claude.check,
            warm_up=claude.warm_up,
            aclose=claude.aclose,
        )
        return services_for(
            settings,
            plan or local.plan,
            adapters,
            on_change,
            system_prompt=request.system_prompt,
            # Of what a pipe has taken nothing can be taken back.
            replaces_text=False,
            absence=absence,
        )

    return make


def installation(setup: Setup) -> Installation:
    """Return what ``shammah doctor`` examines."""
    from shammah_tui.adapters.claude.key_holder import KeyHolder
    from shammah_tui.adapters.files.speed_records import FILE_NAME as SPEEDS_FILE
    from shammah_tui.adapters.files.speed_records import SpeedFile
    from shammah_tui.commands.doctor.doctor import Installation

    local = local_side(setup)
    key = KeyHolder.of_user(setup.environment)
    key.begin_reading()
    return Installation(
        setup.settings,
        setup.problems,
        setup.environment,
        setup.logs,
        setup.source,
        local.plan,
        local.problems,
        key,
        SpeedFile(state_folder() / SPEEDS_FILE).all(),
    )
