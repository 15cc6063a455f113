"""``shammah doctor``: looks at everything the chat depends on, and says what to do."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from shammah_tui import __version__
from shammah_tui.adapters.claude.key_holder import KeyHolder
from shammah_tui.adapters.engine.engine_check import (
    look_at_build,
    look_at_model,
    package_version,
    pip_call,
)
from shammah_tui.adapters.engine.llama_build import built_backends
from shammah_tui.adapters.files.settings_file import settings_path
from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.adapters.machine.folder_usage import folder_usage
from shammah_tui.adapters.machine.hardware import DrmCards, MachineProbe
from shammah_tui.adapters.machine.host_probe import (
    HostProbe,
    claude_question,
    endpoint_question,
    hub_question,
)
from shammah_tui.adapters.machine.terminal_query import ask_terminal
from shammah_tui.adapters.sqlite.condition import condition_of
from shammah_tui.adapters.sqlite.opening import store_path
from shammah_tui.commands.console import Console
from shammah_tui.commands.doctor.engine_checks import check_build, check_gpus, check_machine
from shammah_tui.commands.doctor.model_checks import check_file, check_model
from shammah_tui.commands.doctor.network_checks import (
    check_claude,
    check_endpoint,
    check_hub,
    check_key,
    file_path,
)
from shammah_tui.commands.doctor.program_checks import check_log, check_program, check_settings
from shammah_tui.commands.doctor.storage_checks import check_cache, check_conversations, has_room
from shammah_tui.commands.doctor.terminal_checks import TerminalFacts, check_terminal, terminal_size
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.commands.models.outcome import carry_out
from shammah_tui.core.doctor.findings import Examination, Finding, Mark
from shammah_tui.core.doctor.terminal import QUESTIONS, is_complete, read_answers
from shammah_tui.core.local.speed import SpeedRecord
from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.llama_build import BuildBroken
from shammah_tui.core.protocol.engine_messages import LoadFailed
from shammah_tui.core.settings.settings import Settings
from shammah_tui.core.text.plain_text import cell_width, plain
from shammah_tui.core.wording import doctor as words
from shammah_tui.services.local.load_plan import LoadPlan, look_at

_SIGNS = MappingProxyType({Mark.GOOD: "✓", Mark.DOUBTFUL: "⚠", Mark.BAD: "✗"})
_ASCII_SIGNS = MappingProxyType({Mark.GOOD: "+", Mark.DOUBTFUL: "!", Mark.BAD: "x"})
_COLOURS = MappingProxyType({Mark.GOOD: "32", Mark.DOUBTFUL: "33", Mark.BAD: "31"})
"""ANSI: the terminal's own green, yellow and red."""
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Installation:
    """What is examined.

    Attributes:
        settings: What the user has set.
        problems: What is wrong with the settings file, a line each.
        environment: The environment of this process.
        logs: The folder of the log files.
        source: The Hub and its cache.
        plan: What the chat would load.
        plan_problems: What is wrong with the model that is asked for, a line each.
        key: Has the key for Claude.
        measured: How fast models were here.
    """

    settings: Settings
    problems: tuple[str, ...]
    environment: Mapping[str, str]
    logs: Path
    source: HubSource
    plan: LoadPlan
    plan_problems: tuple[str, ...]
    key: KeyHolder
    measured: tuple[SpeedRecord, ...] = ()


def run_doctor(
    options: argparse.Namespace, installation: Installation, console: Console
) -> ExitStatus:
    """Examine this installation and tell what was found.

    Returns:
        ``DONE`` when at least one side can reply, else ``FAILED``.
    """

    def look() -> ExitStatus:
        terminal = _terminal(installation, console)
        examination = examine(installation, terminal, offline=options.offline)
        status = ExitStatus.DONE if examination.can_chat else ExitStatus.FAILED

        def tell() -> ExitStatus:
            _tell(examination, options, installation, console)
            return status

        # Whoever has gone before the end (`| head`) has seen what was wanted.
        return carry_out(tell, console, when_unread=status)

    return carry_out(look, console)


def examine(installation: Installation, terminal: TerminalFacts, *, offline: bool) -> Examination:
    """Return everything that can be found out, within about 6 s."""
    environment, settings = installation.environment, installation.settings
    installation.key.wait()
    probe, cards = MachineProbe(environment), DrmCards().cards()
    hardware = look_at(probe, installation.measured)
    advice = ""
    if wrong := installation.plan_problems:
        advice = words.wrong_model(plain(wrong[0]), is_set=bool(settings.local.model))
    plan, source = installation.plan, installation.source
    outlook = check_model(plan, source, hardware, advice, installation.measured)
    asked_hub = HostProbe(hub_question(environment, file_path(outlook.model, CATALOGUE[0])))
    asked_claude = HostProbe(claude_question(environment, installation.key.credential))
    endpoint = settings.endpoint
    asked_endpoint = None
    if endpoint.url:
        key = environment.get(endpoint.key_env, "") if endpoint.key_env else ""
        asked_endpoint = HostProbe(endpoint_question(endpoint.url, key))
    # The hosts answer, or do not, while this is looked at.
    version, pip = package_version(), pip_call()
    seen = BuildBroken("not installed") if version is None else look_at_build(environment)
    file_seen = None
    if outlook.model is not None and not isinstance(seen, BuildBroken):
        path = source.find(outlook.model)
        file_seen = None if path is None else look_at_model(path, plan.chat_template, environment)
    usage = folder_usage(source.cache_dir)
    hub, claude = asked_hub.result(), asked_claude.result()
    key_finding = check_key(installation.key)
    has_key = key_finding.mark is Mark.GOOD
    findings = [
        check_program(),
        check_build(version, built_backends(), seen, pip),
        check_machine(hardware),
        *check_gpus(hardware, seen, cards, pip, hides_cuda="CUDA_VISIBLE_DEVICES" in environment),
        outlook.finding,
        *check_file(file_seen),
        check_cache(source.cache_dir, usage, outlook.missing_bytes),
        check_conversations(store_path(), condition_of(store_path())),
        *check_settings(settings_path(), installation.problems),
        check_log(installation.logs),
        key_finding,
        check_claude(claude, has_key=has_key),
        check_hub(hub, is_needed=not (outlook.is_here or offline)),
    ]
    can_fetch = not offline and hub.trouble is None and has_room(usage, outlook.missing_bytes)
    local_can_reply = (
        not isinstance(seen, BuildBroken)
        and outlook.model is not None
        and not isinstance(file_seen, LoadFailed)
        and (outlook.is_here or can_fetch)
    )
    if asked_endpoint is not None:
        reach = asked_endpoint.result()
        findings.append(check_endpoint(reach, endpoint.model))
        # It takes the place of this machine.
        local_can_reply = findings[-1].mark is Mark.GOOD
    findings += check_terminal(terminal)
    claude_can_reply = has_key and claude.trouble is None
    findings.append(_verdict(claude=claude_can_reply, local=local_can_reply))
    return Examination(tuple(findings), claude_can_reply, local_can_reply)


def _tell(
    examination: Examination,
    options: argparse.Namespace,
    installation: Installation,
    console: Console,
) -> None:
    if options.json:
        console.tell(_as_json(examination))
        return
    coloured = console.redraws and not installation.environment.get("NO_COLOR")
    encoding = console.output.encoding or "ascii"
    for line in _as_lines(examination, coloured=coloured, encoding=encoding):
        console.tell(line)


def _terminal(installation: Installation, console: Console) -> TerminalFacts:
    environment, encoding = installation.environment, console.output.encoding or "ascii"
    try:
        reads, writes = sys.stdin.fileno(), console.output.fileno()
    except (OSError, ValueError, AttributeError):
        return TerminalFacts(environment, None, encoding, None)
    size = terminal_size(writes) if os.isatty(reads) else None
    answers = None
    if size is not None and console.redraws:
        told = ask_terminal(reads, writes, QUESTIONS, is_complete)
        answers = None if told is None else read_answers(told)
    return TerminalFacts(environment, size, encoding, answers)


def _verdict(*, claude: bool, local: bool) -> Finding:
    if not (claude or local):
        return Finding("verdict", "Verdict", Mark.BAD, *words.NOBODY_ANSWERS)
    return Finding("verdict", "Verdict", Mark.GOOD, words.ready(claude=claude, local=local))


def _as_lines(examination: Examination, *, coloured: bool, encoding: str) -> Iterator[str]:
    """Yield the findings, labels in a column, each advice below what it is for."""
    signs, arrow = _signs(encoding)
    width = max(cell_width(finding.label) for finding in examination.findings)
    for finding in examination.findings:
        sign = signs[finding.mark]
        if coloured:
            sign = f"\x1b[{_COLOURS[finding.mark]}m{sign}{_PLAIN}"
        label = finding.label + " " * (width - cell_width(finding.label))
        yield f"{sign} {label}  {plain(finding.says)}"
        if finding.advice:
            advice = plain(finding.advice)
            advice = f"{_BOLD}{advice}{_PLAIN}" if coloured else advice
            yield f"{' ' * (width + 4)}{arrow} {advice}"


def _as_json(examination: Examination) -> str:
    return json.dumps(
        {
            "version": __version__,
            "can_chat": examination.can_chat,
            "claude_can_reply": examination.claude_can_reply,
            "local_can_reply": examination.local_can_reply,
            "findings": [_object(finding) for finding in examination.findings],
        },
        indent=2,
    )


def _object(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.id,
        "mark": finding.mark.value,
        "says": plain(finding.says),
        "advice": plain(finding.advice),
        "facts": dict(finding.facts),
    }


def _signs(encoding: str) -> tuple[Mapping[Mark, str], str]:
    try:
        "✓⚠✗→".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _ASCII_SIGNS, "->"
    return _SIGNS, "→"
