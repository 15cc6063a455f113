"""Finds the models that LM Studio and Ollama have downloaded; nothing in their folders is changed.

LM Studio keeps ``owner/repo/file.gguf``; Ollama keeps files called by their digests, and a manifest
for each name that says which one is the model.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from shammah_tui.core.model.hub_names import part_names
from shammah_tui.core.model.quant_choice import is_model_file

_LM_STUDIO = (".lmstudio/models", ".cache/lm-studio/models")
_OLLAMA_MODEL = "application/vnd.ollama.image.model"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MANIFEST_BYTES = 1 << 20


def models_of_others(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the path of each model's first file, and its name for people."""
    home = Path(environment.get("HOME") or Path.home())
    found: dict[str, str] = {}
    for folder in _LM_STUDIO:
        found |= _lm_studio(home / folder)
    ollama = Path(environment.get("OLLAMA_MODELS") or home / ".ollama" / "models")
    return found | dict(_ollama(ollama))


def _lm_studio(folder: Path) -> dict[str, str]:
    names = {str(path) for path in _files(folder, "*/*/*.gguf") if is_model_file(path.name)}
    return {
        name: Path(name).stem
        for name in sorted(names)
        if (parts := part_names(name)) is not None and parts[0] == name and names.issuperset(parts)
    }


def _ollama(models: Path) -> Iterator[tuple[str, str]]:
    for manifest in _files(models / "manifests", "*/*/*/*"):
        owner, name, tag = manifest.parts[-3:]
        label = f"{name}:{tag}" if owner == "library" else f"{owner}/{name}:{tag}"
        blob = models / "blobs" / _model_digest(manifest).replace(":", "-")
        if blob.is_file():
            yield str(blob), label


def _model_digest(manifest: Path) -> str:
    """Return the digest of the weights; empty where the manifest tells none."""
    try:
        with manifest.open("rb") as file:
            layers = json.loads(file.read(_MANIFEST_BYTES))["layers"]
        (digest,) = (each["digest"] for each in layers if each["mediaType"] == _OLLAMA_MODEL)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ""
    return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else ""


def _files(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(path for path in folder.glob(pattern) if path.is_file())
    except OSError:
        return []
