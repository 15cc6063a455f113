"""The models that are offered by name.

Sizes, digests and revisions were each confirmed in public sources in November 2026. A digest holds
at its revision only: repackagers put other bytes under the same name. All are Apache-2.0.
"""

from collections.abc import Iterable

from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile

CATALOGUE: tuple[ModelSpec, ...] = (
    ModelSpec(
        id="qwen3.8-27b",
        label="Qwen3.8 27B",
        repo="unsloth/Qwen3.8-27B-GGUF",
        revision="4ca720788d1e01f1bff70c033e0d0028fd02e502",
        files=(
            WeightsFile(
                "Qwen3.8-27B-UD-Q4_K_M.gguf",
                16_464_440_224,
                "322e194ff79741c7baa497c240f677f54b201b0efab44ca8e50f122b39123482",
            ),
        ),
        quant="UD-Q4_K_M",
        family="Qwen3.8",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=65_536,
        recurrent_state_bytes=150_994_944,
        n_layer=64,
        params_b=27.8,
    ),
    ModelSpec(
        id="qwen3.6-35b-a3b",
        label="Qwen3.6 35B-A3B",
        repo="unsloth/Qwen3.6-35B-A3B-GGUF",
        revision="a483e9e6cbd595906af30beda3187c2663a1118c",
        files=(
            WeightsFile(
                "Qwen3.6-35B-A3B-UD-Q4_K_M.gguf",
                22_134_528_992,
                "ac0e2c1189e055faa36eff361580e79c5bd6f8e76bffb4ce547f167d53e31a61",
            ),
        ),
        quant="UD-Q4_K_M",
        family="Qwen3.6",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=20_480,
        recurrent_state_bytes=62_914_560,
        n_layer=40,
        params_b=36.0,
    ),
    ModelSpec(
        id="qwen3.5-9b",
        label="Qwen3.5 9B",
        repo="unsloth/Qwen3.5-9B-GGUF",
        revision="3885219b6810b007914f3a7950a8d1b469d598a5",
        files=(
            WeightsFile(
                "Qwen3.5-9B-Q4_K_M.gguf",
                5_680_522_464,
                "03b74727a860a56338e042c4420bb3f04b2fec5734175f4cb9fa853daf52b7e8",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3.5",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=32_768,
        recurrent_state_bytes=50_331_648,
        n_layer=32,
        params_b=9.0,
    ),
    ModelSpec(
        id="qwen3.5-4b",
        label="Qwen3.5 4B",
        repo="unsloth/Qwen3.5-4B-GGUF",
        revision="e87f176479d0855a907a41277aca2f8ee7a09523",
        files=(
            WeightsFile(
                "Qwen3.5-4B-Q4_K_M.gguf",
                2_740_937_888,
                "00fe7986ff5f6b463e62455821146049db6f9313603938a70800d1fb69ef11a4",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3.5",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=32_768,
        recurrent_state_bytes=50_331_648,
        n_layer=32,
        params_b=4.0,
    ),
    ModelSpec(
        id="qwen3.5-2b",
        label="Qwen3.5 2B",
        repo="unsloth/Qwen3.5-2B-GGUF",
        revision="f6d5376be1edb4d416d56da11e5397a961aca8ae",
        files=(
            WeightsFile(
                "Qwen3.5-2B-Q4_K_M.gguf",
                1_280_835_840,
                "aaf42c8b7c3cab2bf3d69c355048d4a0ee9973d48f16c731c0520ee914699223",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3.5",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=12_288,
        recurrent_state_bytes=18_874_368,
        n_layer=24,
        params_b=2.0,
    ),
    ModelSpec(
        id="qwen3.5-0.8b",
        label="Qwen3.5 0.8B",
        repo="unsloth/Qwen3.5-0.8B-GGUF",
        revision="6ab461498e2023f6e3c1baea90a8f0fe38ab64d0",
        files=(
            WeightsFile(
                "Qwen3.5-0.8B-Q4_K_M.gguf",
                532_517_120,
                "bd258782e35f7f458f8aced1adc053e6e92e89bc735ba3be89d38a06121dc517",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3.5",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=12_288,
        recurrent_state_bytes=18_874_368,
        n_layer=24,
        params_b=0.8,
    ),
    ModelSpec(
        id="qwen3-30b-a3b-instruct-2507",
        label="Qwen3 30B-A3B Instruct 2507",
        repo="unsloth/Qwen3-30B-A3B-Instruct-2507-GGUF",
        revision="eea7b2be5805a5f151f8847ede8e5f9a9284bf77",
        files=(
            WeightsFile(
                "Qwen3-30B-A3B-Instruct-2507-Q4_K_M.gguf",
                18_556_686_752,
                "6c997b8af17debdfb01d890214400ccbab00db6acc0ba8da5de1cc906c4774d0",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3-2507",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=98_304,
        n_layer=48,
        params_b=30.5,
    ),
    ModelSpec(
        id="qwen3-14b",
        label="Qwen3 14B",
        repo="Qwen/Qwen3-14B-GGUF",
        revision="530227a7d994db8eca5ab5ced2fb692b614357fd",
        files=(
            WeightsFile(
                "Qwen3-14B-Q4_K_M.gguf",
                9_001_752_960,
                "500a8806e85ee9c83f3ae08420295592451379b4f8cf2d0f41c15dffeb6b81f0",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3",
        licence="Apache-2.0",
        native_context=32_768,
        kv_bytes_per_token=163_840,
        n_layer=40,
        params_b=14.8,
    ),
    ModelSpec(
        id="qwen3-8b",
        label="Qwen3 8B",
        repo="Qwen/Qwen3-8B-GGUF",
        revision="7c41481f57cb95916b40956ab2f0b139b296d974",
        files=(
            WeightsFile(
                "Qwen3-8B-Q4_K_M.gguf",
                5_027_783_488,
                "d98cdcbd03e17ce47681435b5150e34c1417f50b5c0019dd560e4882c5745785",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3",
        licence="Apache-2.0",
        native_context=32_768,
        kv_bytes_per_token=147_456,
        n_layer=36,
        params_b=8.2,
    ),
    ModelSpec(
        id="qwen3-4b-instruct-2507",
        label="Qwen3 4B Instruct 2507",
        repo="unsloth/Qwen3-4B-Instruct-2507-GGUF",
        revision="a06e946bb6b655725eafa393f4a9745d460374c9",
        files=(
            WeightsFile(
                "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
                2_497_281_120,
                "3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen3-2507",
        licence="Apache-2.0",
        native_context=262_144,
        kv_bytes_per_token=147_456,
        n_layer=36,
        params_b=4.0,
    ),
    ModelSpec(
        id="qwen3-1.7b",
        label="Qwen3 1.7B",
        repo="Qwen/Qwen3-1.7B-GGUF",
        revision="90862c4b9d2787eaed51d12237eafdfe7c5f6077",
        files=(
            WeightsFile(
                "Qwen3-1.7B-Q8_0.gguf",
                1_834_426_016,
                "061b54daade076b5d3362dac252678d17da8c68f07560be70818cace6590cb1a",
            ),
        ),
        quant="Q8_0",
        family="Qwen3",
        licence="Apache-2.0",
        native_context=32_768,
        kv_bytes_per_token=114_688,
        n_layer=28,
        params_b=1.7,
    ),
    ModelSpec(
        id="qwen2.5-7b",
        label="Qwen2.5 7B",
        repo="Qwen/Qwen2.5-7B-Instruct-GGUF",
        revision="bb5d59e06d9551d752d08b292a50eb208b07ab1f",
        files=(
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
        ),
        quant="Q4_K_M",
        family="Qwen2.5",
        licence="Apache-2.0",
        native_context=32_768,
        kv_bytes_per_token=57_344,
        n_layer=28,
        params_b=7.62,
    ),
    ModelSpec(
        id="qwen2.5-1.5b",
        label="Qwen2.5 1.5B",
        repo="Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        revision="91cad51170dc346986eccefdc2dd33a9da36ead9",
        files=(
            WeightsFile(
                "qwen2.5-1.5b-instruct-q4_k_m.gguf",
                1_117_320_736,
                "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen2.5",
        licence="Apache-2.0",
        native_context=32_768,
        kv_bytes_per_token=28_672,
        n_layer=28,
        params_b=1.54,
    ),
    ModelSpec(
        id="qwen2.5-0.5b",
        label="Qwen2.5 0.5B",
        repo="Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        revision="9217f5db79a29953eb74d5343926648285ec7e67",
        files=(
            WeightsFile(
                "qwen2.5-0.5b-instruct-q4_k_m.gguf",
                491_400_032,
                "74a4da8c9fdbcd15bd1f6d01d621410d31c6fc00986f5eb687824e7b93d7a9db",
            ),
        ),
        quant="Q4_K_M",
        family="Qwen2.5",
        licence="Apache-2.0",
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
