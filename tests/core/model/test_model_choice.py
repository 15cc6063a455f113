"""The memory rule and the table of defaults, row by row."""

import pytest

from shammah_tui.core.model.catalogue import CATALOGUE
from shammah_tui.core.model.hardware import Gpu, Hardware
from shammah_tui.core.model.memory import (
    COMPUTE_BUFFER_BYTES,
    GIB,
    budget_bytes,
    context_that_fits,
    layers_that_fit,
    need_bytes,
)
from shammah_tui.core.model.model_choice import Choice, NothingFits, choose_model, fit_model
from shammah_tui.core.model.model_spec import DevicePreference, ModelSpec, WeightsFile

AUTO, GPU, CPU = DevicePreference.AUTO, DevicePreference.GPU, DevicePreference.CPU
BY_ID = {model.id: model for model in CATALOGUE}
NOT_HYBRID = tuple(model for model in CATALOGUE if not model.recurrent_state_bytes)


def machine(
    ram_gib: float, free_gib: float | None = None, *cards: tuple[float, float], apple: bool = False
) -> Hardware:
    """A machine with that much memory, all of it free unless said otherwise."""
    total = round(ram_gib * GIB)
    free = total if free_gib is None else round(free_gib * GIB)
    gpus = [
        Gpu(f"card {i}", "CUDA", round(size * GIB), round(left * GIB))
        for i, (size, left) in enumerate(cards)
    ]
    if apple:
        gpus.append(Gpu("Apple M4", "Metal", total, free, shares_ram=True))
    return Hardware(total, free, 8, tuple(gpus))


def chosen(choice: Choice | NothingFits) -> Choice:
    assert isinstance(choice, Choice), choice
    return choice


# RAM in GiB, the default, its context, its need in GiB, the default without hybrid architectures.
PROCESSOR_TABLE = [
    (3, "qwen3.5-0.8b", 4_096, 1.3, "qwen2.5-0.5b"),
    (4, "qwen3.5-0.8b", 8_192, 1.4, "qwen2.5-1.5b"),
    (6, "qwen3.5-2b", 8_192, 2.1, "qwen3-1.7b"),
    (8, "qwen3.5-4b", 16_384, 3.9, "qwen3-4b-instruct-2507"),
    (12, "qwen3.5-9b", 8_192, 6.3, "qwen3-8b"),
    (16, "qwen3.5-9b", 32_768, 7.1, "qwen3-8b"),
    (24, "qwen3.5-9b", 32_768, 7.1, "qwen3-14b"),
    (32, "qwen3.6-35b-a3b", 32_768, 22.1, "qwen3-30b-a3b-instruct-2507"),
    (128, "qwen3.6-35b-a3b", 32_768, 22.1, "qwen3-30b-a3b-instruct-2507"),
]
ACCELERATED_TABLE = [
    (8, "qwen3.5-4b", 16_384, 3.9, "qwen3-4b-instruct-2507"),
    (16, "qwen3.5-9b", 32_768, 7.1, "qwen3-8b"),
    (24, "qwen3.8-27b", 8_192, 16.7, "qwen3-14b"),
    (32, "qwen3.8-27b", 32_768, 18.2, "qwen3-30b-a3b-instruct-2507"),
    (80, "qwen3.8-27b", 32_768, 18.2, "qwen3-30b-a3b-instruct-2507"),
]


@pytest.mark.parametrize(("ram", "model", "context", "need_gib", "fallback"), PROCESSOR_TABLE)
def test_default_on_the_processor(
    ram: int, model: str, context: int, need_gib: float, fallback: str
) -> None:
    choice = chosen(choose_model(machine(ram), AUTO, CATALOGUE))
    assert (choice.model.id, choice.context_length) == (model, context)
    assert choice.need_bytes is not None
    # The table rounds to a tenth.
    assert choice.need_bytes / GIB == pytest.approx(need_gib, abs=0.06)
    assert bool(choice.warning) == (ram == 3)
    assert chosen(choose_model(machine(ram), AUTO, NOT_HYBRID)).model.id == fallback


@pytest.mark.parametrize(("size", "model", "context", "need_gib", "fallback"), ACCELERATED_TABLE)
@pytest.mark.parametrize("kind", ["unified", "card"])
def test_default_on_an_accelerator(
    kind: str, size: int, model: str, context: int, need_gib: float, fallback: str
) -> None:
    # A card's machine has little memory of its own here: only the card's may count.
    hardware = machine(size, apple=True) if kind == "unified" else machine(8, None, (size, size))
    choice = chosen(choose_model(hardware, AUTO, CATALOGUE))
    assert (choice.model.id, choice.context_length) == (model, context)
    assert choice.need_bytes is not None
    assert choice.need_bytes / GIB == pytest.approx(need_gib, abs=0.06)
    assert choice.device is AUTO
    assert chosen(choose_model(hardware, AUTO, NOT_HYBRID)).model.id == fallback


@pytest.mark.parametrize("reported", [7.4, 7.7, 8.0, 8.3])
def test_a_machine_counts_as_what_it_was_sold_as(reported: float) -> None:
    choice = chosen(choose_model(machine(reported, 5.5), AUTO, CATALOGUE))
    assert (choice.model.id, choice.context_length) == ("qwen3.5-4b", 16_384)


@pytest.mark.parametrize(
    ("free", "model", "context"),
    [
        (12.0, "qwen3.5-9b", 32_768),
        (7.0, "qwen3.5-9b", 16_384),
        (6.4, "qwen3.5-9b", 8_192),
        (6.25, "qwen3.5-9b", 4_096),
        (6.0, "qwen3.5-4b", 16_384),
        (3.0, "qwen3.5-2b", 8_192),
        (1.5, "qwen3.5-0.8b", 8_192),
    ],
)
def test_what_is_free_now_decides(free: float, model: str, context: int) -> None:
    choice = chosen(choose_model(machine(16, free), AUTO, CATALOGUE))
    assert (choice.model.id, choice.context_length) == (model, context)
    assert choice.need_bytes is not None
    assert choice.need_bytes <= choice.budget_bytes <= round(free * GIB)


def test_the_smallest_fallback_is_the_last_before_nothing() -> None:
    assert chosen(choose_model(machine(3, 1.28), AUTO, CATALOGUE)).model.id == "qwen2.5-0.5b"
    nothing = choose_model(machine(3, 1.2), AUTO, CATALOGUE)
    assert isinstance(nothing, NothingFits)
    assert nothing.needed_bytes == need_bytes(BY_ID["qwen2.5-0.5b"], 4_096)
    assert "1.3 GB" in nothing.reason


def test_nothing_offered_is_nothing_that_fits() -> None:
    nothing = choose_model(machine(64), AUTO, ())
    assert isinstance(nothing, NothingFits)
    assert nothing.needed_bytes == 0


def test_a_model_of_unknown_size_is_never_a_default() -> None:
    replaced = ModelSpec("qwen3.5-4b", "mine", repo="me/mine", quant="Q4_K_M")
    models = (replaced, BY_ID["qwen3.5-2b"])
    assert chosen(choose_model(machine(8), AUTO, models)).model.id == "qwen3.5-2b"


@pytest.mark.parametrize(
    ("hardware", "preference", "model", "device"),
    [
        # A card too small for a useful model does not win over a big memory …
        (machine(16, None, (4, 4)), AUTO, "qwen3.5-9b", CPU),
        # … unless the user says so.
        (machine(16, None, (4, 4)), GPU, "qwen3.5-0.8b", GPU),
        (machine(16, None, (24, 24)), CPU, "qwen3.5-9b", CPU),
        # A small card helps a machine with as small a memory.
        (machine(4, None, (4, 4)), AUTO, "qwen3.5-0.8b", AUTO),
        # A card that others use up.
        (machine(16, None, (24, 1)), AUTO, "qwen3.5-9b", CPU),
        # The biggest card counts, not their sum.
        (machine(8, None, (8, 8), (24, 24)), AUTO, "qwen3.8-27b", AUTO),
        # Unified memory, but told to leave the accelerator alone.
        (machine(32, None, apple=True), CPU, "qwen3.6-35b-a3b", CPU),
        # A card that only a library not known to us could use.
        (machine(8), GPU, "qwen3.5-4b", GPU),
    ],
)
def test_where_it_runs(
    hardware: Hardware, preference: DevicePreference, model: str, device: DevicePreference
) -> None:
    choice = chosen(choose_model(hardware, preference, CATALOGUE))
    assert (choice.model.id, choice.device) == (model, device)


def test_a_card_wanted_but_full_is_said() -> None:
    choice = chosen(choose_model(machine(16, None, (24, 1)), GPU, CATALOGUE))
    assert choice.device is CPU
    assert "card 0" in choice.warning


def test_the_reason_names_need_and_budget() -> None:
    choice = chosen(choose_model(machine(16), AUTO, CATALOGUE))
    assert "7.6 GB" in choice.reason  # 7.1 GiB
    assert "12.9 GB available in memory" in choice.reason  # 12 GiB


def test_need_is_files_cache_state_and_buffers() -> None:
    model = ModelSpec(
        "m",
        "M",
        local_path="/m.gguf",
        files=(WeightsFile("a", 100), WeightsFile("b", 50)),
        kv_bytes_per_token=10,
        recurrent_state_bytes=7,
    )
    assert need_bytes(model, 1_000) == 150 + 10_000 + 7 + COMPUTE_BUFFER_BYTES


@pytest.mark.parametrize(
    ("total", "free", "budget"),
    [(16, 16, 12), (16, 5, 5), (6, 6, 4), (3, 3, 1), (1, 1, 0), (128, 128, 96)],
)
def test_budget(total: int, free: int, budget: int) -> None:
    assert budget_bytes(total * GIB, free * GIB) == budget * GIB


def test_context_stays_within_the_native_one() -> None:
    short = ModelSpec("s", "S", repo="a/s", files=(WeightsFile("s.gguf", 1),), native_context=9_000)
    assert context_that_fits(short, 100 * GIB) == 8_192
    assert context_that_fits(short, 100 * GIB, longest=4_096) == 4_096
    assert context_that_fits(short, GIB // 2) is None


def test_context_for_a_model_of_unknown_size_is_moderate() -> None:
    assert context_that_fits(ModelSpec("u", "U", repo="a/u", quant="Q4_K_M"), GIB) == 8_192


def test_a_users_model_gets_the_longest_context_that_fits() -> None:
    choice = fit_model(BY_ID["qwen3-8b"], machine(12), AUTO)
    assert (choice.context_length, choice.warning) == (16_384, "")
    assert fit_model(BY_ID["qwen3-8b"], machine(12), AUTO, 2_048).context_length == 2_048


def test_a_users_model_too_big_is_loaded_with_a_warning() -> None:
    choice = fit_model(BY_ID["qwen3.8-27b"], machine(8), AUTO)
    assert choice.context_length == 4_096
    assert "17.7 GB" in choice.warning
    assert "6.4 GB" in choice.warning


def test_a_users_model_too_big_for_the_card_is_divided() -> None:
    hardware = machine(32, None, (8, 8))
    choice = fit_model(BY_ID["qwen3.5-9b"], hardware, AUTO)
    assert (choice.device, choice.gpu_layers, choice.context_length) == (AUTO, 26, 32_768)
    assert choice.reason == "Chosen by you; 26 of 33 layers fit on card 0"
    assert choice.budget_bytes == 30 * GIB  # 24 of memory, 6 on the card.
    assert choice.warning == ""
    shorter = fit_model(BY_ID["qwen3.5-9b"], hardware, AUTO, 4_096).gpu_layers
    assert shorter is not None
    assert shorter > 26
    whole = fit_model(BY_ID["qwen3.5-4b"], hardware, AUTO)
    assert (whole.device, whole.gpu_layers) == (AUTO, None)
    alone = fit_model(BY_ID["qwen3.5-9b"], hardware, CPU)
    assert (alone.device, alone.gpu_layers) == (CPU, None)


def test_a_model_too_big_for_either_is_divided_between_both() -> None:
    choice = fit_model(BY_ID["qwen3.6-35b-a3b"], machine(24, None, (16, 16)), AUTO)
    assert choice.need_bytes is not None
    assert choice.need_bytes > 18 * GIB
    assert choice.gpu_layers == 17
    # 12 GiB of either: neither both nor one holds it.
    assert fit_model(BY_ID["qwen3.6-35b-a3b"], machine(8, None, (16, 16)), AUTO).gpu_layers is None


def test_a_few_layers_are_left_to_the_processor_unless_the_card_is_wanted() -> None:
    hardware = machine(64, None, (9, 9))
    assert layers_that_fit(BY_ID["qwen3.8-27b"], 32_768, round(6.75 * GIB)) == 14
    choice = fit_model(BY_ID["qwen3.8-27b"], hardware, AUTO)
    assert (choice.device, choice.gpu_layers) == (CPU, None)
    wanted = fit_model(BY_ID["qwen3.8-27b"], hardware, GPU)
    assert (wanted.device, wanted.gpu_layers) == (GPU, 14)


def test_a_model_of_unknown_depth_is_not_divided() -> None:
    model = ModelSpec("u", "U", repo="a/u", files=(WeightsFile("u.gguf", 9 * GIB),))
    choice = fit_model(model, machine(32, None, (8, 8)), AUTO)
    assert (choice.device, choice.gpu_layers) == (CPU, None)


def test_the_default_uses_a_card_that_does_not_hold_it() -> None:
    """9 GiB of which 6 may be used hold 4B; the 9B of the big memory is not given up for it."""
    only_big = tuple(model for model in CATALOGUE if model.id == "qwen3.5-9b")
    choice = chosen(choose_model(machine(32, None, (8, 8)), AUTO, only_big))
    assert (choice.model.id, choice.gpu_layers) == ("qwen3.5-9b", 26)
    assert choice.reason.endswith("26 of 33 layers fit on card 0")


@pytest.mark.parametrize("model", CATALOGUE, ids=lambda model: model.id)
def test_layers_that_fit_grow_with_the_memory_up_to_all(model: ModelSpec) -> None:
    assert model.n_layer is not None
    need = need_bytes(model, 8_192)
    assert need is not None
    counts = [layers_that_fit(model, 8_192, round(need * tenth / 10)) for tenth in range(11)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[9] <= model.n_layer
    assert counts[10] == model.n_layer + 1
    # What is said to fit does: a layer's share of everything but the output layer and the buffers.
    assert model.size_bytes is not None
    for tenth, count in enumerate(counts[:10]):
        share = (need - COMPUTE_BUFFER_BYTES - 0.2 * model.size_bytes) / model.n_layer
        taken = COMPUTE_BUFFER_BYTES + 0.2 * model.size_bytes + max(0, count - 1) * share
        assert count == 0 or taken <= need * tenth / 10 + 1


def test_layers_that_fit_by_hand() -> None:
    model = ModelSpec(
        "m",
        "M",
        repo="a/m",
        files=(WeightsFile("m.gguf", 1_000_000),),
        n_layer=8,
        kv_bytes_per_token=100,
    )
    # 200 000 for the output layer; 800 000 of files and 100 000 of cache over eight layers.
    assert layers_that_fit(model, 1_000, COMPUTE_BUFFER_BYTES + 199_999) == 0
    assert layers_that_fit(model, 1_000, COMPUTE_BUFFER_BYTES + 200_000) == 1
    assert layers_that_fit(model, 1_000, COMPUTE_BUFFER_BYTES + 312_499) == 1
    assert layers_that_fit(model, 1_000, COMPUTE_BUFFER_BYTES + 312_500) == 2
    assert layers_that_fit(model, 1_000, COMPUTE_BUFFER_BYTES + 1_099_999) == 8
    assert layers_that_fit(model, 1_000, COMPUTE_BUFFER_BYTES + 1_100_000) == 9
    # Twice the cache, fewer layers.
    assert layers_that_fit(model, 2_000, COMPUTE_BUFFER_BYTES + 312_500) == 1


def test_of_an_unknown_model_no_layer_is_known_to_fit() -> None:
    assert layers_that_fit(ModelSpec("u", "U", repo="a/u", n_layer=8), 4_096, 100 * GIB) == 0
    sized = ModelSpec("s", "S", repo="a/s", files=(WeightsFile("s.gguf", 1),))
    assert layers_that_fit(sized, 4_096, 100 * GIB) == 0
