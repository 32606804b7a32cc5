"""Reads and checks IDX files, the format of MNIST: a header with the shape, then one byte a value.

Every file of a set is described beforehand (`File`), so that whatever lies in its place is
either exactly that file or refused with what was expected and what is there.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.errors import DatasetError

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a set, as its authors published it.

    Attributes
    ----------
    name : str
        Of the unpacked file; packed it ends in .gz besides.
    shape : tuple of int
        Samples first.
    sha256 : str or None
        Of the unpacked bytes: packed ones differ from mirror to mirror.
    packed_md5 : str or None
        Of the .gz file, where its authors publish no more than that.
    per_class : int or None
        How often each of the labels 0 to 9 occurs, where that is the same for all.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str | None = None
    packed_md5: str | None = None
    per_class: int | None = None

    @property
    def header(self) -> bytes:
        """What the unpacked file begins with: two zeros, type 8 (bytes), axes, shape."""
        return struct.pack(f">4B{len(self.shape)}I", 0, 0, 8, len(self.shape), *self.shape)

    @property
    def size(self) -> int:
        """Length of the unpacked file in bytes."""
        return len(self.header) + math.prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A set of four files and where to get it.

    Attributes
    ----------
    name : str
        Of the set, and of its folder.
    files : tuple of File
        Pictures and labels to train on, pictures and labels to test with.
    mirrors : tuple of str
        Addresses that end in a slash; the packed files lie right behind it.
    """

    name: str
    files: tuple[File, File, File, File]
    mirrors: tuple[str, ...]


def read(path: Path, file: File, known: Iterable[Source] = ()) -> Bytes:
    """Read one file, packed or not, and make sure that it is the one it should be.

    Parameters
    ----------
    path : Path
        Whether it is packed is seen from its first bytes, not from its name.
    file : File
        What to expect there.
    known : iterable of Source
        Sets whose files are recognised, to tell which one lies there by mistake.

    Returns
    -------
    uint8, of shape `file.shape`; not writable

    Raises
    ------
    DatasetError
        If it is any other file: what was expected, and what was found.
    """
    sources = tuple(known)
    most = max([file.size, *(other.size for source in sources for other in source.files)])
    content = _content(path, file, most)
    found = sha256(content).hexdigest()
    fault = _fault(content, file, found, most)
    names = {
        other.sha256: f"{other.name} of {source.name}"
        for source in sources
        for other in source.files
        if other.sha256 != file.sha256
    }
    if found in names:
        expected = fault or "expected the file of another set"
        raise DatasetError(f"{expected}; it is {names[found]}")
    if fault:
        raise DatasetError(fault)
    return np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape)


def _content(path: Path, file: File, most: int) -> bytes:
    """Unpacked bytes of a file; not more than one too many, whatever it would unpack to."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not packed:
                return raw.read(most + 1)
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return unpacked.read(most + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        size = path.stat().st_size
        raise DatasetError(
            f"expected {file.size} bytes packed by gzip, got {size} that do not unpack: {error}"
        ) from error
    except OSError as error:
        raise DatasetError(
            f"expected {file.size} bytes, but it cannot be read: {error.strerror or error}"
        ) from error


def _fault(content: bytes, file: File, found: str, most: int) -> str:
    """What keeps the content from being that file; "" if nothing does."""
    length = f"more than {most}" if len(content) > most else str(len(content))
    if not content.startswith(file.header):
        return (
            f"expected {_described(file.header)} in {file.size} bytes, "
            f"got {_described(content)} in {length} bytes"
        )
    if len(content) != file.size:
        return f"expected {file.size} bytes unpacked, got {length}"
    if file.sha256 not in (None, found):
        return f"expected SHA-256 {file.sha256}, got {found}"
    if file.per_class is not None:
        counts = np.bincount(np.frombuffer(content, np.uint8, offset=len(file.header)))
        if counts.tolist() != [file.per_class] * 10:
            return f"expected each label from 0 to 9 {file.per_class} times, got {_counts(counts)}"
    return ""


def _described(content: bytes) -> str:
    """Magic number and shape of an IDX header, or the first bytes of anything else."""
    axes = content[3] if content[:3] == b"\0\0\x08" and len(content) > 3 else 0
    if not axes or len(content) < 4 + 4 * axes:
        return f"no IDX header but {content[:12]!r}"
    shape = struct.unpack_from(f">{axes}I", content, 4)
    return f"IDX magic number {content[:4].hex()} and shape {' x '.join(map(str, shape))}"


def _counts(counts: npt.NDArray[Any]) -> str:
    shown = [f"{label}: {count}" for label, count in enumerate(counts) if count]
    return ", ".join(shown[:12]) + (", ..." if len(shown) > 12 else "")
