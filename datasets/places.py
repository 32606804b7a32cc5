"""Where the files of a set that is not shipped are looked for: the first that applies.

1. The option `path`: the folder that holds the files; it may be relative to the current folder.
2. The environment variable NUDGE_DATA: its subfolder with the name of the set (`mnist`,
   `fashion-mnist`), or if it has none, that folder itself.
3. The cache, `$XDG_CACHE_HOME/nudge/<set>`, or `~/.cache/nudge/<set>`. What is missing or damaged
   there is downloaded into it.

Each file may be packed (.gz) or not. In a folder that a user names nothing is ever written, and
nothing is downloaded in place of what is missing there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from datasets.download import Download
from datasets.errors import DatasetError
from datasets.idx import Bytes, File, Source, read

VARIABLE = "NUDGE_DATA"


def find(source: Source, path: str | None = None, known: Iterable[Source] = ()) -> list[Bytes]:
    """Read the files of a set, from wherever they lie or can be had.

    Parameters
    ----------
    source : Source
    path : str or path-like, optional
        As the option of that name.
    known : iterable of Source
        Sets whose files are recognised when they lie in the wrong place.

    Returns
    -------
    list of uint8 arrays, one per file

    Raises
    ------
    DatasetError
        If a file is missing or not the right one: which, where, what was expected there.
    """
    known = tuple(known)
    if path is not None:
        if not isinstance(path, str | os.PathLike) or not str(path):
            raise DatasetError(f"path must be the name of a folder, got {path!r}")
        return _from_user(source, _home(path), "path", known)
    if os.environ.get(VARIABLE):
        base = _home(os.environ[VARIABLE])
        inner = base / source.name
        return _from_user(source, inner if inner.is_dir() else base, VARIABLE, known)
    return _from_cache(source, _cache() / source.name, known)


def _from_user(source: Source, folder: Path, option: str, known: tuple[Source, ...]) -> list[Bytes]:
    """Read what a user has put there, or say what is wrong with it."""
    if not folder.is_dir():
        hint = "; name the folder, not a file in it" if folder.exists() else ""
        raise DatasetError(f"{option}: there is no folder {folder}{hint}")
    missing = [file.name for file in source.files if not _places(folder, file)]
    if missing:
        inner = folder / source.name
        hint = f"; did you mean {inner}?" if inner.is_dir() else ""
        raise DatasetError(
            f"{option}: {folder} lacks {', '.join(missing)} (packed as .gz or not){hint}"
        )
    contents, faults = [], []
    for file in source.files:
        place = _places(folder, file)[0]
        try:
            contents.append(read(place, file, known))
        except DatasetError as error:
            faults.append(f"{place}: {error}")
    if faults:
        raise DatasetError("; ".join(faults))
    return contents


def _from_cache(source: Source, folder: Path, known: tuple[Source, ...]) -> list[Bytes]:
    """Read what lies in the cache, fetch what does not, replace what is damaged."""
    contents: dict[str, Bytes] = {}
    damaged: dict[Path, tuple[File, str]] = {}
    for file in source.files:
        for place in _places(folder, file):
            try:
                contents[file.name] = read(place, file, known)
                break
            except DatasetError as error:
                damaged[place] = file, f"{place}: {error}"
    download = Download(source, folder, known)
    for file in source.files:
        if file.name in contents:
            continue
        mine = {place: fault for place, (other, fault) in damaged.items() if other == file}
        for fault in mine.values():
            print(f"{source.name}: {fault}; fetching it anew", file=sys.stderr)
        try:
            contents[file.name] = download.fetch(file)
        except (DatasetError, OSError) as error:
            lacking = [f"{other.name}.gz" for other in source.files if other.name not in contents]
            faults = [fault for other, fault in damaged.values() if other.name not in contents]
            replace = f"; damaged, to be replaced: {'; '.join(faults)}" if faults else ""
            raise DatasetError(
                f"put {', '.join(lacking)} (packed or not) into {folder}, or name the folder that "
                f"holds them all by the option path or by {VARIABLE}; "
                f"no download: {error}{replace}"
            ) from error
        for place in mine:
            if place.suffix != ".gz":  # that one has just been replaced
                place.unlink(missing_ok=True)
    return [contents[file.name] for file in source.files]


def _places(folder: Path, file: File) -> list[Path]:
    """Where a file lies in a folder: unpacked, packed, both or nowhere."""
    places = (folder / file.name, folder / f"{file.name}.gz")
    return [place for place in places if place.is_file()]


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # What is not absolute does not count: a rule of the XDG Base Directory Specification.
    return (base if base.is_absolute() else _home("~/.cache")) / "nudge"


def _home(path: str | os.PathLike[str]) -> Path:
    """Path with ~ expanded."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise DatasetError(f"{path}: {error} Set {VARIABLE} to a folder.") from error
