"""The environment of each child process: the variables that it needs, and no others.

The engine is native code that parses downloaded files, and the fetch child talks to the network:
neither is to hold a key that is none of its business. What is not named here does not reach them.
"""

import re
from collections.abc import Iterable, Mapping

_EVERY = (
    ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP"),
    ("SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    ("VIRTUAL_ENV", "GLIBC_TUNABLES"),
)
_EVERY_PREFIXES = ("LC_", "LD_", "DYLD_", "XDG_", "PYTHON", "MALLOC_")
"""To run this Python at all, and import this package: the folders of the user, the loader."""

_ENGINE_PREFIXES = (
    *("GGML_", "LLAMA_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "BLIS_"),
    *("CUDA_", "CUBLAS_", "NVIDIA_", "NCCL_", "HIP_", "ROCR_", "ROCM_", "HSA_", "GPU_", "AMD_"),
    *("VK_", "VULKAN_", "MESA_", "RADV_", "SYCL_", "ONEAPI_", "ZE_", "ZES_", "MTL_", "METAL_"),
)
"""Settings of llama.cpp, of the libraries that it computes with, and of the cards' drivers."""

_FETCH = (
    ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_DISABLE_IMPLICIT_TOKEN"),
    ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    ("TRANSFORMERS_OFFLINE", "RES_OPTIONS", "LOCALDOMAIN", "HOSTALIASES"),
)
_FETCH_PREFIXES = ("HF_", "HUGGINGFACE_", "HUGGING_FACE_")

_SECRET = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$")
"""``NVIDIA_API_KEY`` is no setting of a driver."""


def engine_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the engine child may see of ``environment``: no key, no token, no proxy."""
    return _allowed(environment, (), _ENGINE_PREFIXES)


def fetch_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what the fetch child may see: the Hub's settings and token, proxies, certificates."""
    return _allowed(environment, [name for names in _FETCH for name in names], _FETCH_PREFIXES)


def without_key(environment: Mapping[str, str], key_env: str) -> dict[str, str]:
    """Return ``environment`` without the endpoint's key, whatever its name is allowed as.

    The Hub's own token stays: it is the Hub's, whoever else is sent it.
    """
    is_hubs = key_env in _FETCH[0]
    return {name: value for name, value in environment.items() if name != key_env or is_hubs}


def _allowed(
    environment: Mapping[str, str], names: Iterable[str], prefixes: tuple[str, ...]
) -> dict[str, str]:
    # Proxies are written in small letters as well, and Windows knows no difference.
    by_name = {name for group in _EVERY for name in group} | set(names)
    by_prefix = (*_EVERY_PREFIXES, *prefixes)

    def is_allowed(name: str) -> bool:
        return name in by_name or (name.startswith(by_prefix) and not _SECRET.search(name))

    return {name: value for name, value in environment.items() if is_allowed(name.upper())}
