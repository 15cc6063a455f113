"""``shammah doctor`` in a pipe: what it finds, what it advises, how it ends."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shammah_tui import __version__
from shammah_tui.adapters.engine.engine_check import package_version
from shammah_tui.adapters.files.remembered_name import RememberedName
from tests.commands.doctor_runs import KEY, DoctorRuns, closed_port
from tests.gguf_models import build_model
from tests.loopback.hub import LoopbackHub
from tests.loopback.messages_api import LoopbackMessagesAPI


@pytest.fixture
def doctor(tmp_path: Path) -> Iterator[DoctorRuns]:
    home = tmp_path / "home"
    home.mkdir()
    with LoopbackHub() as hub, LoopbackMessagesAPI(key=KEY) as api:
        yield DoctorRuns(home, hub, api)


def test_all_is_well(doctor: DoctorRuns) -> None:
    told = doctor.run()
    assert told.status == 0
    assert told.errors == ""
    assert f"shammah {__version__} · Python 3." in told.line("Program")
    assert f"llama-cpp-python {package_version()}" in told.line("llama.cpp")
    assert " of memory, " in told.line("Machine")
    assert " tokens of context · needs " in told.line("Model")
    assert f"{doctor.home}/.cache/huggingface/hub · 0 B there · " in told.line("Cache")
    assert "(not there; defaults are used)" in told.line("Settings")
    assert told.line("Claude key") == "✓ Claude key     ANTHROPIC_API_KEY is set"
    assert f"✓ Claude         {doctor.api.url[7:]} answers in " in told.line("Claude    ")
    assert f"✓ Hub            {doctor.hub.url[7:]} answers in " in told.line("Hub")
    assert "ready to chat: Claude and the local model can answer" in told.line("Verdict")
    # Nothing of it is coloured, and everything stands in two columns.
    assert "\x1b" not in told.output
    assert all(line[0] in "✓⚠✗ " for line in told.output.splitlines())
    assert {line[15:17] for line in told.output.splitlines() if line[0] != " "} == {"  "}
    assert "✗" not in told.output
    assert KEY not in told.output


def test_the_same_as_json(doctor: DoctorRuns) -> None:
    told = doctor.run("--json")
    assert (told.status, told.errors) == (0, "")
    findings = told.findings
    assert findings["engine"]["facts"]["opens"] is True
    assert findings["engine"]["facts"]["devices"][-1] == "CPU"
    machine = findings["machine"]["facts"]
    assert 0 < machine["ram_free_bytes"] <= machine["ram_total_bytes"]
    assert machine["ram_total_bytes"] <= psutil.virtual_memory().total
    model = findings["model"]["facts"]
    assert model["need_bytes"] <= model["budget_bytes"] < machine["ram_total_bytes"]
    assert not model["is_here"]
    assert model["missing_bytes"] > 0
    assert findings["cache"]["facts"]["writable"] is True
    assert findings["key"]["facts"] == {
        "present": True,
        "place": "environment",
        "variable": "ANTHROPIC_API_KEY",
    }
    assert findings["claude"]["facts"]["reached"] is True
    assert findings["hub"]["facts"]["trouble"] is None
    assert findings["terminal"]["facts"] == {"is_terminal": False}
    assert findings["verdict"]["mark"] == "good"
    assert KEY not in told.output
    # Both were asked once, the Hub for the very file that would be fetched, without a token.
    (request,) = doctor.hub.requests_of("hub")
    assert "/resolve/" in request.path
    assert request.authorization is None
    assert [call.body for call in doctor.api.calls] == [{}]


def test_nobody_can_answer(doctor: DoctorRuns) -> None:
    hub = closed_port()
    told = doctor.run(ANTHROPIC_API_KEY="", HF_ENDPOINT=hub)
    assert told.status == 1
    assert told.line("Claude key").startswith("⚠")
    assert told.advice("Claude key") == (
        "give it with /key in the chat, or export ANTHROPIC_API_KEY=…"
    )
    assert told.line("Hub") == f"✗ Hub            {hub[7:]} refuses the connection"
    assert told.advice("Hub") == "start the server there, or correct HF_ENDPOINT"
    assert told.line("Verdict") == "✗ Verdict        nothing can answer yet"
    assert told.advice("Verdict")


def test_a_key_that_is_refused_does_not_count(doctor: DoctorRuns) -> None:
    wrong = "sk-ant-wrong-0123456789"
    told = doctor.run(ANTHROPIC_API_KEY=wrong, HF_ENDPOINT=closed_port())
    assert told.status == 1
    assert told.line("Claude    ").startswith("✗")
    assert "answers and refuses the key" in told.line("Claude    ")
    assert wrong not in told.output


def test_a_model_on_the_disk_is_enough(doctor: DoctorRuns) -> None:
    model = build_model(doctor.home / "mine.gguf")
    doctor.configure(f'[local]\nmodel = "{model}"\ncontext_length = 512\n')
    told = doctor.run(ANTHROPIC_API_KEY="", HF_ENDPOINT=closed_port())
    assert told.status == 0
    assert "512 tokens of context" in told.line("Model")
    assert told.line("Model").endswith("on this disk")
    assert told.line("Hub").startswith("⚠")
    assert told.line("Verdict").endswith("the local model can answer")


def test_a_file_that_would_reply_badly_is_told(doctor: DoctorRuns) -> None:
    model = build_model(doctor.home / "mine.gguf", pre_tokenizer=None, chat_template=None)
    doctor.configure(f'[local]\nmodel = "{model}"\n')
    told = doctor.run()
    lines = [line for line in told.output.splitlines() if line[2:].startswith("Weights")]
    assert ["no chat template" in line for line in lines] == [True, False]
    assert "tokenizer.ggml.pre" in lines[1]
    assert "download a newer conversion" in told.output
    doctor.configure(f'[local]\nmodel = "{model}"\nchat_template = "chatml"\n')
    assert "tokenizer.ggml.pre" in doctor.run().line("Weights")


def test_a_file_that_cannot_be_used_is_told(doctor: DoctorRuns) -> None:
    model = build_model(doctor.home / "mine.gguf", chat_template="{% for")
    doctor.configure(f'[local]\nmodel = "{model}"\n')
    told = doctor.run(ANTHROPIC_API_KEY="")
    assert told.line("Weights").startswith("✗")
    assert "chat_template" in told.advice("Weights")
    assert told.status == 1


def test_the_model_that_was_chosen_last_is_what_would_be_loaded(doctor: DoctorRuns) -> None:
    model = build_model(doctor.home / "mine.gguf")
    chosen = RememberedName(doctor.home / ".local/state/shammah/model.json", "model")
    chosen.choose(str(model))
    assert "mine with " in doctor.run().line("Model")
    chosen.choose("no-such")
    told = doctor.run()
    assert told.line("Model").startswith("⚠")
    assert told.advice("Model").startswith("choose another (F2): The model chosen last cannot")


def test_offline_a_model_that_is_not_here_does_not_count(doctor: DoctorRuns) -> None:
    command = [*doctor.command[:-1], "--offline", "doctor", "--json"]
    environment = {**doctor.environment, "ANTHROPIC_API_KEY": ""}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 1
    assert b'"local_can_reply": false' in done.stdout


def test_what_is_wrong_in_the_settings_line_by_line(doctor: DoctorRuns) -> None:
    path = doctor.configure(
        'theme = "nope"\n[local]\nthread = 3\nmodel = "no-such"\n[keys]\nx = "y"\n'
    )
    told = doctor.run()
    assert told.status == 0
    assert told.line("Settings") == f"⚠ Settings       {path} · 3 to correct:"
    assert told.advice("Settings") == f"edit {path}"
    lines = told.output.splitlines()
    at = lines.index(told.line("Settings"))
    assert [line[:14] for line in lines[at + 2 : at + 5]] == ["⚠" + " " * 13] * 3
    assert any("thread is not a setting; did you mean threads?" in line for line in lines)
    assert told.line("Model").startswith("⚠")
    assert "local.model" in told.advice("Model")


def test_a_library_that_does_not_open(doctor: DoctorRuns, tmp_path: Path) -> None:
    package = tmp_path / "broken" / "llama_cpp"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise OSError('libgomp.so.1: cannot open it')")
    told = doctor.run(PYTHONPATH=str(package.parent))
    assert told.status == 0, "Claude is there"
    assert told.line("llama.cpp").startswith("✗")
    assert told.line("llama.cpp").endswith("does not open: libgomp.so.1: cannot open it")
    assert told.advice("llama.cpp").endswith(
        "pip install --force-reinstall --no-cache-dir llama-cpp-python"
    )
    assert told.line("Verdict").endswith("Claude can answer")


def test_a_cache_that_cannot_be_written(doctor: DoctorRuns) -> None:
    (doctor.home / "file").touch()
    told = doctor.run(HF_HUB_CACHE=str(doctor.home / "file" / "hub"))
    assert told.line("Cache") == f"✗ Cache          {doctor.home}/file/hub cannot be written"
    assert "HF_HUB_CACHE" in told.advice("Cache")
    assert told.line("Verdict").endswith("to chat: Claude can answer")


def test_an_endpoint_takes_the_place_of_this_machine(doctor: DoctorRuns) -> None:
    url = closed_port()
    doctor.configure(f'[endpoint]\nurl = "{url}"\n')
    told = doctor.run()
    assert told.status == 0
    assert told.line("Endpoint") == f"✗ Endpoint       {url[7:]} refuses the connection"
    assert told.advice("Endpoint").startswith("start the server there, or correct url under")
    # What this machine could load or fetch is nobody's concern.
    assert told.line("Model") == "✓ Model          served by 127.0.0.1"
    assert told.line("Verdict").endswith("to chat: Claude can answer")


def test_signs_that_every_encoding_has(doctor: DoctorRuns) -> None:
    told = doctor.run(PYTHONIOENCODING="ascii", ANTHROPIC_API_KEY="", HF_ENDPOINT=closed_port())
    assert told.status == 1
    assert told.output.isascii()
    assert {line[0] for line in told.output.splitlines()} == {"+", "!", "x", " "}
    assert (
        "\n                 -> give it with /key in the chat, or export ANTHROPIC_API_KEY="
        in told.output
    )


def test_a_reader_that_goes_away(doctor: DoctorRuns) -> None:
    process = subprocess.Popen(
        doctor.command,
        env=doctor.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), errors) == (0, b"")


def test_llama_cpp_and_the_sdks_stay_out_of_this_process(doctor: DoctorRuns) -> None:
    done = subprocess.run(
        [doctor.command[0], "-X", "importtime", *doctor.command[1:]],
        env=doctor.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "httpx2" in imported
    assert not {"llama_cpp", "anthropic", "huggingface_hub"} & imported


def test_help_is_light(doctor: DoctorRuns) -> None:
    done = subprocess.run(
        [doctor.command[0], "-X", "importtime", *doctor.command[1:], "--help"],
        env=doctor.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "exit status" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "argparse" in imported
    heavy = {"textual", "httpx2", "psutil", "platformdirs", "subprocess", "ssl", "asyncio"}
    assert not heavy & imported
    assert list(doctor.home.iterdir()) == []


# What the environment does to the hosts


WRONG = [
    ({"HTTP_PROXY": "socks4://bob:secret@127.0.0.1:9"}, "HTTP_PROXY names a proxy of a kind"),
    ({"ALL_PROXY": "127.0.0.1:abc"}, "ALL_PROXY is not the address of a proxy"),
]


@pytest.mark.parametrize(("variables", "said"), WRONG)
def test_a_proxy_that_is_wrong_is_named(
    doctor: DoctorRuns, variables: dict[str, str], said: str
) -> None:
    far = {"ANTHROPIC_BASE_URL": "http://claude.invalid", "HF_ENDPOINT": "http://hub.invalid"}
    told = doctor.run(**far, **variables)
    for label in ("Claude    ", "Hub"):
        assert said in told.line(label)
        assert told.advice(label).startswith(f"write {next(iter(variables))} as http://HOST:PORT")
    assert "secret" not in told.output


def test_a_proxy_that_does_not_lead_there_is_named(doctor: DoctorRuns) -> None:
    far = {"ANTHROPIC_BASE_URL": "http://claude.invalid", "all_proxy": "socks5://127.0.0.1:9"}
    told = doctor.run(**far)
    assert "the proxy 127.0.0.1:9 cannot reach claude.invalid" in told.line("Claude    ")
    assert told.advice("Claude    ") == "correct all_proxy, or name the host in NO_PROXY"


def test_certificates_that_cannot_be_read_are_named(doctor: DoctorRuns) -> None:
    told = doctor.run(SSL_CERT_FILE="/nonexistent.pem", ANTHROPIC_BASE_URL="https://claude.invalid")
    assert "SSL_CERT_FILE names cannot be read" in told.line("Claude    ")
    assert told.advice("Claude    ") == "correct SSL_CERT_FILE, or unset it"
    # The hub here speaks no TLS.
    assert told.line("Hub").startswith("✓")


def test_a_host_in_no_proxy_is_reached_whatever_the_proxy_is(doctor: DoctorRuns) -> None:
    told = doctor.run(ALL_PROXY="nonsense://", NO_PROXY="127.0.0.1,localhost")
    assert told.line("Claude    ").startswith("✓")


@pytest.mark.parametrize(
    ("name", "key", "slip"),
    [
        ("ANTHROPIC_API_KEY", "sk-a\nsk-b", "a line end in it"),
        ("ANTHROPIC_AUTH_TOKEN", "tok en", "a blank in it"),
    ],
)
def test_a_key_that_cannot_be_sent_is_named(
    doctor: DoctorRuns, name: str, key: str, slip: str
) -> None:
    told = doctor.run(**{"ANTHROPIC_API_KEY": "", name: key})
    assert told.line("Claude key").endswith(f"{name} has {slip}")
    assert told.advice("Claude key") == f"copy the key again: export {name}=…"
