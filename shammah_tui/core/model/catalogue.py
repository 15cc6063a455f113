"""The models that are offered by name.

Sizes, digests and revisions were each confirmed in public sources in November 2026. A digest holds
at its revision only: repackagers put other bytes under the same name. All are Apache-2.0.
"""

from collections.abc import Iterable
from typing import Any

from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.model.quant_choice import quant_of
from shammah_tui.core.model.sampling import family_of


def _pinned(
    id_: str, label: str, repo: str, revision: str, *files: WeightsFile, **network: Any
) -> ModelSpec:
    """Return the model in ``files``, with the fields of ``ModelSpec`` on its network."""
    return ModelSpec(
        id_,
        label,
        repo=repo,
        revision=revision,
        files=files,
        quant=quant_of(files[0].name),
        family=family_of(label),
        licence="Apache-2.0",
        **network,
    )


CATALOGUE: tuple[ModelSpec, ...] = (
    _pinned(
        "qwen3.8-27b",
        "Qwen3.8 27B",
        "unsloth/Qwen3.8-27B-GGUF",
        "4ca720788d1e01f1bff70c033e0d0028fd02e502",
        WeightsFile(
            "Qwen3.8-27B-UD-Q4_K_M.gguf",
            16_464_440_224,
            "322e194ff79741c7baa497c240f677f54b201b0efab44ca8e50f122b39123482",
        ),
        native_context=262_144,
        kv_bytes_per_token=65_536,
        recurrent_state_bytes=150_994_944,
        n_layer=64,
        params_b=27.8,
    ),
    _pinned(
        "qwen3.6-35b-a3b",
        "Qwen3.6 35B-A3B",
        "unsloth/Qwen3.6-35B-A3B-GGUF",
        "a483e9e6cbd595906af30beda3187c2663a1118c",
        WeightsFile(
            "Qwen3.6-35B-A3B-UD-Q4_K_M.gguf",
            22_134_528_992,
            "ac0e2c1189e055faa36eff361580e79c5bd6f8e76bffb4ce547f167d53e31a61",
        ),
        native_context=262_144,
        kv_bytes_per_token=20_480,
        recurrent_state_bytes=62_914_560,
        n_layer=40,
        params_b=36.0,
    ),
    _pinned(
        "qwen3.5-9b",
        "Qwen3.5 9B",
        "unsloth/Qwen3.5-9B-GGUF",
        "3885219b6810b007914f3a7950a8d1b469d598a5",
        WeightsFile(
            "Qwen3.5-9B-Q4_K_M.gguf",
            5_680_522_464,
            "03b74727a860a56338e042c4420bb3f04b2fec5734175f4cb9fa853daf52b7e8",
        ),
        native_context=262_144,
        kv_bytes_per_token=32_768,
        recurrent_state_bytes=50_331_648,
        n_layer=32,
        params_b=9.0,
    ),
    _pinned(
        "qwen3.5-4b",
        "Qwen3.5 4B",
        "unsloth/Qwen3.5-4B-GGUF",
        "e87f176479d0855a907a41277aca2f8ee7a09523",
        WeightsFile(
            "Qwen3.5-4B-Q4_K_M.gguf",
            2_740_937_888,
            "00fe7986ff5f6b463e62455821146049db6f9313603938a70800d1fb69ef11a4",
        ),
        native_context=262_144,
        kv_bytes_per_token=32_768,
        recurrent_state_bytes=50_331_648,
        n_layer=32,
        params_b=4.0,
    ),
    _pinned(
        "qwen3.5-2b",
        "Qwen3.5 2B",
        "unsloth/Qwen3.5-2B-GGUF",
        "f6d5376be1edb4d416d56da11e5397a961aca8ae",
        WeightsFile(
            "Qwen3.5-2B-Q4_K_M.gguf",
            1_280_835_840,
            "aaf42c8b7c3cab2bf3d69c355048d4a0ee9973d48f16c731c0520ee914699223",
        ),
        native_context=262_144,
        kv_bytes_per_token=12_288,
        recurrent_state_bytes=18_874_368,
        n_layer=24,
        params_b=2.0,
    ),
    _pinned(
        "qwen3.5-0.8b",
        "Qwen3.5 0.8B",
        "unsloth/Qwen3.5-0.8B-GGUF",
        "6ab461498e2023f6e3c1baea90a8f0fe38ab64d0",
        WeightsFile(
            "Qwen3.5-0.8B-Q4_K_M.gguf",
            532_517_120,
            "bd258782e35f7f458f8aced1adc053e6e92e89bc735ba3be89d38a06121dc517",
        ),
        native_context=262_144,
        kv_bytes_per_token=12_288,
        recurrent_state_bytes=18_874_368,
        n_layer=24,
        params_b=0.8,
    ),
    _pinned(
        "qwen3-30b-a3b-instruct-2507",
        "Qwen3 30B-A3B Instruct 2507",
        "unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF",
        "eea7b2be5805a5f151f8847ede8e5f9a9284bf77",
        WeightsFile(
            "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
            18_556_686_752,
            "6c997b8af17debdfb01d890214400ccbab00db6acc0ba8da5de1cc906c4774d0",
        ),
        native_context=262_144,
        kv_bytes_per_token=98_304,
        n_layer=48,
        params_b=30.5,
    ),
    _pinned(
        "qwen3-14b",
        "Qwen3 14B",
        "Qwen/Qwen3-14B-GGUF",
        "530227a7d994db8eca5ab5ced2fb692b614357fd",
        WeightsFile(
            "Qwen3-14B-Q4_K_M.gguf",
            9_001_752_960,
            "500a8806e85ee9c83f3ae08420295592451379b4f8cf2d0f41c15dffeb6b81f0",
        ),
        native_context=32_768,
        kv_bytes_per_token=163_840,
        n_layer=40,
        params_b=14.8,
    ),
    _pinned(
        "qwen3-8b",
        "Qwen3 8B",
        "Qwen/Qwen3-8B-GGUF",
        "7c41481f57cb95916b40956ab2f0b139b296d974",
        WeightsFile(
            "Qwen3-8B-Q4_K_M.gguf",
            5_027_783_488,
            "d98cdcbd03e17ce47681435b5150e34c1417f50b5c0019dd560e4882c5745785",
        ),
        native_context=32_768,
        kv_bytes_per_token=147_456,
        n_layer=36,
        params_b=8.2,
    ),
    _pinned(
        "qwen3-4b-instruct-2507",
        "Qwen3 4B Instruct 2507",
        "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        "a06e946bb6b655725eafa393f4a9745d460374c9",
        WeightsFile(
            "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
            2_497_281_120,
            "3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597",
        ),
        native_context=262_144,
        kv_bytes_per_token=147_456,
        n_layer=36,
        params_b=4.0,
    ),
    _pinned(
        "qwen3-1.7b",
        "Qwen3 1.7B",
        "Qwen/Qwen3-1.7B-GGUF",
        "90862c4b9d2787eaed51d12237eafdfe7c5f6077",
        WeightsFile(
            "Qwen3-1.7B-Q8_0.gguf",
            1_834_426_016,
            "061b54daade076b5d3362dac252678d17da8c68f07560be70818cace6590cb1a",
        ),
        native_context=32_768,
        kv_bytes_per_token=114_688,
        n_layer=28,
        params_b=1.7,
    ),
    _pinned(
        "qwen2.5-7b",
        "Qwen2.5 7B",
        "Qwen/Qwen2.5-7B-Instruct-GGUF",
        "bb5d59e06d9551d752d08b292a50eb208b07ab1f",
        WeightsFile(
            "qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf",
            3_993_201_344,
            "dfce12e3862a5283ccfb88221b48480e58745165de856439950d0f22590580db",
        ),
        WeightsFile(
            "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf",
            689_872_288,
            "539cf93f78e887edea1c04e2d7d8cdaca9d01dae9c9025bcb8accbe29df3d72a",
        ),
        native_context=32_768,
        kv_bytes_per_token=57_344,
        n_layer=28,
        params_b=7.62,
    ),
    _pinned(
        "qwen2.5-1.5b",
        "Qwen2.5 1.5B",
        "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        "91cad51170dc346986eccefdc2dd33a9da36ead9",
        WeightsFile(
            "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            1_117_320_736,
            "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
        ),
        native_context=32_768,
        kv_bytes_per_token=28_672,
        n_layer=28,
        params_b=1.54,
    ),
    _pinned(
        "qwen2.5-0.5b",
        "Qwen2.5 0.5B",
        "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        "9217f5db79a29953eb74d5343926648285ec7e67",
        WeightsFile(
            "qwen2.5-0.5b-instruct-q4_k_m.gguf",
            491_400_032,
            "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
        ),
        native_context=32_768,
        kv_bytes_per_token=12_288,
        n_layer=24,
        params_b=0.49,
    ),
)
"""The offer, newest generation first, biggest first."""


def offered_models(extra: Iterable[ModelSpec]) -> tuple[ModelSpec, ...]:
    """Return the catalogue and the user's own models, which win where an id is the same."""
    own = {model.id.lower(): model for model in extra}
    kept = tuple(model for model in CATALOGUE if model.id.lower() not in own)
    return kept + tuple(own.values())
