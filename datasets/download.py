"""Fetches files from the first mirror that serves them whole; goes on where a transfer was cut.

What arrives is written to a part file that no other process touches, checked, and only then
renamed to its final name: nobody ever sees half a file, and any number of processes may fetch
the same one at once. A part that is given up is left under a common name; whoever renames it
first, goes on with it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from datasets.errors import DatasetError
from datasets.idx import Bytes, File, Source, read

if TYPE_CHECKING:
    from http.client import HTTPResponse

TIMEOUT = 20.0  # seconds of silence
ATTEMPTS = 4  # in a row that bring less than a block
PAUSE = 0.5  # seconds before the second attempt; doubled from one to the next
STALE = 600.0  # seconds without a write: who began this part will not go on with it
BLOCK = 1 << 16


class _Refused(Exception):
    """The mirror will not do: on to the next one."""


class _Cut(Exception):
    """The transfer broke off: ask for the rest."""


class Download:
    """Fetches files of one set into a folder.

    Parameters
    ----------
    source : Source
        Its mirrors are asked in turn; the one that served a file is asked first for the next.
    folder : Path
        Made if need be.
    known : iterable of Source
        Sets whose files are recognised when they come in place of the right one.
    """

    def __init__(self, source: Source, folder: Path, known: Iterable[Source] = ()) -> None:
        self.source, self.folder, self.known = source, folder, tuple(known)
        self.mirrors = list(source.mirrors)

    def fetch(self, file: File) -> Bytes:
        """Fetch one file, store it packed, return what `idx.read` does.

        Raises
        ------
        DatasetError
            If no mirror serves it: what each of them answered.
        OSError
            If the folder cannot be written to.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        answers = []
        for mirror in tuple(self.mirrors):
            url = f"{mirror}{file.name}.gz"
            print(f"{self.source.name}: fetching {url}", file=sys.stderr, flush=True)
            # Packed bytes differ between mirrors: a part goes with its address.
            left = self.folder / f"{file.name}.gz.{_digest('sha256', url.encode())[:8]}.part"
            part = _claim(left)
            try:
                content = self._from_mirror(url, part, file)
            except _Refused as error:
                answers.append(f"{url}: {error}")
            else:
                self.mirrors.remove(mirror)
                self.mirrors.insert(0, mirror)
                for path in filter(_abandoned, self.folder.glob(f"{file.name}.gz.*.part*")):
                    path.unlink(missing_ok=True)
                return content
            finally:
                if part.exists():  # given up, or interrupted
                    part.replace(left)
        raise DatasetError("; ".join(answers))

    def _from_mirror(self, url: str, part: Path, file: File) -> Bytes:
        failures, anew = 0, False
        while True:
            start = _size(part)
            try:
                _transfer(url, part, file)
                content = self._checked(part, file)
            except _Cut as error:
                failures = 1 if _size(part) - start >= BLOCK else failures + 1
                if failures == ATTEMPTS:
                    raise _Refused(f"{error} (attempt {failures})") from error
                time.sleep(PAUSE * 2 ** (failures - 1))
            except DatasetError as error:
                part.unlink(missing_ok=True)
                if anew or not start:
                    raise _Refused(error) from error
                anew = True  # what was left from before may be to blame: once from the start
            else:
                part.replace(self.folder / f"{file.name}.gz")
                return content

    def _checked(self, part: Path, file: File) -> Bytes:
        if file.packed_md5 is not None:
            found = _digest("md5", part.read_bytes())
            if found != file.packed_md5:
                raise DatasetError(f"expected a file of MD5 {file.packed_md5}, got {found}")
        return read(part, file, self.known)


def _transfer(url: str, part: Path, file: File) -> None:
    """Append what the part lacks; begin it anew if the server does not go on where it ends."""
    from tqdm import tqdm

    start = _size(part)
    response = _opened(url, start)
    if response is None:
        return
    with response:
        whole = response.length
        if response.status == 206:
            said = response.headers.get("Content-Range", "")
            span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", said)
            if span is None or int(span[1]) != start:
                part.unlink(missing_ok=True)
                raise _Cut(f"asked for bytes from {start} on, it sent {said or 'no range'!r}")
            whole = None if span[2] == "*" else int(span[2])
        else:
            start = 0
        have, most = start, file.size + file.size // 100 + 1024  # packing adds hardly anything
        bar = tqdm(
            desc=file.name, total=whole, initial=start, unit="B", unit_scale=True, leave=False,
            disable=None,  # a bar on a terminal only
        )  # fmt: skip
        with part.open("ab" if start else "wb") as out, bar:
            while block := _block(response):
                out.write(block)
                bar.update(len(block))
                have += len(block)
                if have > most:
                    raise DatasetError(f"expected at most {most} packed bytes, got more")
    if whole is not None and have < whole:
        raise _Cut(f"broke off after {have} of {whole} bytes")


def _opened(url: str, start: int) -> HTTPResponse | None:
    """Answer of the server; None if it has nothing behind `start`."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    headers = {"User-Agent": "nudge-nn", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        response: HTTPResponse = urlopen(Request(url, headers=headers), timeout=TIMEOUT)
    except HTTPError as error:
        error.close()
        if error.code == 416 and start:
            return None  # whole already, or not a part of this file: the check tells
        answer = f"HTTP {error.code} {error.reason}"
        passing = error.code in (408, 429) or error.code >= 500
        raise (_Cut if passing else _Refused)(answer) from error
    except URLError as error:
        raise _Refused(f"no connection: {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise _Cut(f"no answer: {error}") from error
    return response


def _block(response: HTTPResponse) -> bytes:
    """Next bytes; only what goes wrong here, not while writing, is the network's fault."""
    from http.client import HTTPException

    try:
        return response.read1(BLOCK)
    except (OSError, HTTPException) as error:
        raise _Cut(f"broke off: {error}") from error


def _claim(left: Path) -> Path:
    """Path of a part of our own; it has the bytes of one that was given up, if there is one."""
    own = left.with_name(f"{left.name}-{secrets.token_hex(8)}")
    for path in filter(_abandoned, left.parent.glob(f"{left.name}*")):
        try:
            path.rename(own)
        except OSError:  # somebody else was first
            continue
        break
    return own


def _abandoned(part: Path) -> bool:
    try:
        return part.suffix == ".part" or time.time() - part.stat().st_mtime > STALE
    except OSError:
        return False


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _digest(algorithm: str, content: bytes) -> str:
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
