"""What is on this machine, under the names that the commands take."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from shammah_tui.adapters.hub.hub_listing import CachedModel, CachedPart, cached_models
from shammah_tui.adapters.hub.hub_source import HubSource
from shammah_tui.commands.console import Console
from shammah_tui.commands.exit_status import ExitStatus
from shammah_tui.core.errors import InvalidModelError
from shammah_tui.core.model.hub_address import cleaned
from shammah_tui.core.model.hub_names import part_names
from shammah_tui.core.model.model_ref import from_hub_file
from shammah_tui.core.model.model_spec import ModelSpec, WeightsFile
from shammah_tui.core.model.quant_choice import pick_files
from shammah_tui.core.text.plain_text import plain
from shammah_tui.core.text.units import format_size, format_sizes
from shammah_tui.core.wording import commands as words

_TAG_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Holding:
    """A model, and what is here of it.

    Attributes:
        what: The name under which the commands find it.
        model: Which.
        cached: What is in the cache; None when nothing is, and for a file outside of it.
        path: The file to open, when all of it is here.
        kept_bytes: How much of it is here.
    """

    what: str
    model: ModelSpec
    cached: CachedModel | None
    path: Path | None
    kept_bytes: int

    @property
    def size_bytes(self) -> int | None:
        """Bytes of the whole; None while a part is missing of which nothing is known."""
        if self.model.size_bytes is not None:
            return self.model.size_bytes
        if self.cached is None:
            return self.kept_bytes if self.path is not None else None
        sizes = [part.size_bytes for part in self.cached.parts]
        return None if None in sizes else sum(size or 0 for size in sizes)

    def amount(self) -> str:
        """Return how much is here, in words: ``2.7 GB`` or ``1.2/2.7 GB here``."""
        size = self.size_bytes
        if self.path is not None:
            return format_size(self.kept_bytes)
        if size is None or size < self.kept_bytes:
            return f"{format_size(self.kept_bytes)} here"
        return f"{format_sizes(self.kept_bytes, size)} here"


class Inventory:
    """Looks models up on this machine, without the network.

    Args:
        offered: The models that have an id.
        source: The Hub's cache, and what other programs keep.
        parse: Returns the model that a name, an address or a path means; raises
            ``InvalidModelError``, or ``MissingFileError`` for a path without a file.
    """

    def __init__(
        self,
        offered: tuple[ModelSpec, ...],
        source: HubSource,
        parse: Callable[[str], ModelSpec],
    ) -> None:
        self.source = source
        self.parse = parse
        self._offered = offered

    @cached_property
    def holdings(self) -> tuple[Holding, ...]:
        """Everything that is here: the models with an id first, in the order of the offer."""
        found = [self._own(model) for model in self._offered if model.local_path is not None]
        taken: set[str] = set()
        for cached in self._cached:
            holding = self._named(cached, taken)
            if holding is not None:
                taken.add(holding.what)
                found.append(holding)
        known = {holding.model.local_path for holding in found}
        found += [
            self._own(replace(self.parse(path), label=label))
            for path, label in self.source.outside().items()
            if path not in known
        ]
        order = {model.id: number for number, model in enumerate(self._offered)}
        present = [holding for holding in found if holding.kept_bytes]
        return tuple(sorted(present, key=lambda each: order.get(each.what, len(order))))

    def find(self, what: str) -> Holding:
        """Return what is here of the model that ``what`` names, which may be nothing.

        Raises:
            InvalidModelError: It names none.
            MissingFileError: It is a path without a file.
        """
        for holding in self.holdings if "@" in what else ():
            if holding.what == cleaned(what):
                return holding
        return self._holding(self.parse(what))

    def nameless_beside(self, model: ModelSpec) -> tuple[Holding, ...]:
        """Return the partial files of a model's repository of which the record is lost."""
        repo = (model.repo or "").lower()
        found = (each for each in self._cached if each.is_nameless and each.repo.lower() == repo)
        return tuple(map(_nameless, found))

    @cached_property
    def _cached(self) -> tuple[CachedModel, ...]:
        return cached_models(self.source.cache_dir)

    def _own(self, model: ModelSpec) -> Holding:
        assert model.local_path is not None
        path = self.source.find(model)
        parts = part_names(model.local_path) or ()
        sizes = (Path(part).stat().st_size for part in parts if Path(part).is_file())
        return Holding(model.id, model, None, path, sum(sizes))

    def _holding(self, model: ModelSpec) -> Holding:
        if model.local_path is not None:
            return self._own(model)
        cached = next((each for each in self._cached if self._is_of(each, model)), None)
        path, kept_bytes = self.source.find(model), self.source.kept_bytes(model)
        return Holding(model.id, model, cached, path, kept_bytes)

    def _named(self, cached: CachedModel, taken: Iterable[str]) -> Holding | None:
        if cached.is_nameless:
            return _nameless(cached)
        try:
            plainly = from_hub_file(cached.repo, cached.names[0])
        except InvalidModelError:
            # Nobody could name it.
            return None
        for model in (*self._offered, plainly):
            if model.id not in taken and self._is_of(cached, model):
                path = self.source.find(model)
                return Holding(model.id, model, cached, path, cached.kept_bytes)
        return _pinned_here(cached, plainly)

    def _is_of(self, cached: CachedModel, model: ModelSpec) -> bool:
        if model.repo is None or model.repo.lower() != cached.repo.lower():
            return False
        if [name.lower() for name in self._names(model)] != [n.lower() for n in cached.names]:
            return False
        digests = {file.name: file.sha256 for file in model.files}
        if not cached.commits:
            return all(digests.get(p.name) in (None, p.etag) for p in cached.parts if p.etag)
        if model.revision is None:
            return cached.is_current
        return any(commit.startswith(model.revision) for commit in cached.commits)

    def _names(self, model: ModelSpec) -> tuple[str, ...]:
        if model.files:
            return tuple(file.name for file in model.files)
        every = {
            name
            for each in self._cached
            if each.repo.lower() == (model.repo or "").lower() and each.is_current
            for name in each.names
        }
        try:
            return pick_files(every, model.quant)
        except InvalidModelError:
            return ()


def _pinned_here(cached: CachedModel, plainly: ModelSpec) -> Holding:
    """Return what no other name leads to: another commit's file, or part of another version."""
    etags = (part.etag for part in cached.parts if part.etag is not None)
    tag = cached.commits[0] if cached.commits else next(etags, "")
    model = replace(
        plainly,
        id=f"{cached.repo}/{cached.names[0]}@{tag[:_TAG_DIGITS]}",
        revision=cached.commits[0] if cached.commits else None,
        files=tuple(_file(part) for part in cached.parts),
    )
    path = cached.parts[0].path if cached.is_whole else None
    return Holding(model.id, model, cached, path, cached.kept_bytes)


def _nameless(cached: CachedModel) -> Holding:
    """Return a partial file whose record is lost; its digest stands for its name."""
    (part,) = cached.parts
    etag = part.etag or ""
    what = f"{cached.repo}@{etag[:_TAG_DIGITS]}"
    label = "part of an unknown file"
    model = ModelSpec(what, label, repo=cached.repo, files=(WeightsFile(etag, None, etag),))
    return Holding(what, model, cached, None, cached.kept_bytes)


def _file(part: CachedPart) -> WeightsFile:
    return WeightsFile(part.name, part.size_bytes, part.etag)


def locate(inventory: Inventory, console: Console, what: str) -> ExitStatus:
    """Write the path of the model that ``what`` names, and nothing else.

    Raises:
        InvalidModelError: It names none.
        MissingFileError: It is a path without a file.
    """
    holding = inventory.find(what)
    if holding.path is None:
        complain_missing(console, holding)
        return ExitStatus.NOT_HERE
    if console.is_terminal:
        # A person reads it, and a name may have been made to steer what they read it on.
        console.tell(plain(str(holding.path)))
        return ExitStatus.DONE
    # As bytes: the path is for programs, and a folder's name need not be text.
    console.output.flush()
    console.output.buffer.write(os.fsencode(holding.path) + b"\n")
    console.output.buffer.flush()
    return ExitStatus.DONE


def complain_missing(console: Console, holding: Holding) -> None:
    label, base = plain(holding.model.label), holding.what.partition("@")[0]
    if holding.cached is not None and holding.cached.is_nameless:
        console.complain(words.record_lost(holding.what))
    elif holding.kept_bytes:
        console.complain(words.not_complete(label, holding.amount(), base))
    else:
        console.complain(words.not_here(label, base))
