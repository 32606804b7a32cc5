"""MNIST and its like: found, checked, downloaded from a server that does all that servers do."""

import gzip
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import datasets
from datasets import download, mnist
from datasets.idx import File, Source, read

ROOT = Path(__file__).parent.parent
REAL = ROOT.parent / "shared/data/mnist"
SIZES = {"train": 60, "t10k": 20}
FILES = [file.name for file in mnist.MNIST.files]
IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = FILES
needs_files = pytest.mark.skipif(not REAL.is_dir(), reason="needs the files of MNIST")


def small(name, mirrors=(), seed=0, md5=False):
    """A set of 60 + 20 pictures, as bytes by file name, and the `Source` that describes it."""
    rng = np.random.default_rng(seed)
    contents, files = {}, []
    for part, count in SIZES.items():
        pixels = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = rng.permutation(count).astype(np.uint8) % 10
        for kind, array in (("images", pixels), ("labels", labels)):
            file = f"{part}-{kind}-idx{array.ndim}-ubyte"
            header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            contents[file] = header + array.tobytes()
            told = {"sha256": hashlib.sha256(contents[file]).hexdigest()}
            if md5:
                packed = hashlib.md5(pack(contents[file])).hexdigest()
                told = {"packed_md5": packed}
                told |= {"per_class": count // 10} if kind == "labels" else {}
            files.append(File(name=file, shape=array.shape, **told))
    return contents, Source(name=name, files=tuple(files), mirrors=tuple(mirrors))


def pack(content):
    return gzip.compress(content, 1, mtime=0)


def put(folder, contents, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(pack(content) if packed else content)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A cache of its own, no network but this machine, no waiting."""
    monkeypatch.delenv("NUDGE_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "PAUSE", 0.0)
    monkeypatch.setattr(download, "BLOCK", 1024)
    for name in mnist.SOURCES:
        monkeypatch.setitem(mnist.SOURCES, name, replace(mnist.SOURCES[name], mirrors=()))
    return tmp_path / "cache/nudge"


@pytest.fixture
def contents(monkeypatch):
    """The files of a small set that stands in for MNIST."""
    contents, source = small("mnist")
    monkeypatch.setitem(mnist.SOURCES, "mnist", source)
    return contents


def refused(name="mnist", **options):
    with pytest.raises(datasets.DatasetError) as caught:
        datasets.load(name, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def is_whole(data, contents):
    """Whether each picture is there, beside its label."""
    x = np.concatenate([data.x_train, data.x_validation])
    t = np.concatenate([data.t_train, data.t_validation])
    pixels = np.frombuffer(contents[IMAGES], np.uint8, offset=16).reshape(-1, 784)
    labels = np.frombuffer(contents[LABELS], np.uint8, offset=8)
    test = np.frombuffer(contents[TEST_IMAGES], np.uint8, offset=16).reshape(-1, 784)
    shown = sorted((*row, label) for row, label in zip((x * 255).round(), t, strict=True))
    assert shown == sorted((*row, label) for row, label in zip(pixels, labels, strict=True))
    assert np.array_equal(data.x_test, test / np.float32(255))
    return data.t_test.tolist() == list(contents[TEST_LABELS][8:])


# --- what a user gets ---------------------------------------------------------------------


@pytest.mark.parametrize("packed", [True, False])
def test_from_a_folder(contents, tmp_path, packed):
    folder = put(tmp_path / "own", contents, packed)
    before = sorted(folder.iterdir())
    data = datasets.load("mnist", path=str(folder), validation=0.1)
    assert is_whole(data, contents)
    assert is_whole(datasets.load("mnist", path=folder), contents)
    assert data.summary() == (
        "mnist: 784 features, 10 classes; samples: 54 to train, 6 to validate, 20 to test"
    )
    assert data.x_train.dtype == data.x_validation.dtype == data.x_test.dtype == np.float32
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    assert (data.image_shape, data.class_names) == ((28, 28), tuple("0123456789"))
    assert data.feature_names[:29:28] == ("pixel_0_0", "pixel_1_0")
    assert sorted(folder.iterdir()) == before


def test_standardized_in_float32_by_figures_in_float64(contents, tmp_path):
    folder = put(tmp_path, contents)
    plain, scaled = (
        datasets.load("mnist", path=folder, validation=0.1, standardize=flag)
        for flag in (False, True)
    )
    exact = plain.x_train.astype(np.float64)
    np.testing.assert_allclose(scaled.x_mean, exact.mean(0), rtol=1e-13)
    np.testing.assert_allclose(scaled.x_std, exact.std(0), rtol=1e-13)
    assert scaled.x_test.dtype == np.float32
    by_hand = (plain.x_test.astype(np.float64) - scaled.x_mean) / scaled.x_std
    assert np.array_equal(scaled.x_test, by_hand.astype(np.float32))
    np.testing.assert_allclose(scaled.original_x(scaled.x_test), plain.x_test, atol=1e-6)


def test_the_first_so_many_samples(contents, tmp_path):
    folder = put(tmp_path, contents)
    data = datasets.load("mnist", path=folder, samples=10, validation=0.2)
    assert (len(data.x_train), len(data.x_validation), len(data.x_test)) == (8, 2, 20)
    first = np.frombuffer(contents[IMAGES], np.uint8, offset=16, count=7840).reshape(10, 784)
    both = np.concatenate([data.x_train, data.x_validation])
    assert sorted(map(tuple, (both * 255).round())) == sorted(map(tuple, first))
    for wrong in (0, 61, 2.0, True, "9"):
        expected = f"dataset 'mnist': samples must be a whole number from 1 to 60, got {wrong!r}"
        assert refused(path=folder, samples=wrong) == expected


def test_fashion(tmp_path, monkeypatch):
    contents, source = small("fashion-mnist", md5=True)
    monkeypatch.setitem(mnist.SOURCES, "fashion-mnist", source)
    data = datasets.load("fashion-mnist", path=put(tmp_path, contents, packed=False))
    assert is_whole(data, contents)
    assert data.class_names[0] == "T-shirt/top"
    assert data.class_names[9] == "Ankle boot"
    assert data.target_name == "article"


def test_the_described_files():
    for source in (mnist.MNIST, mnist.FASHION):
        assert [file.name for file in source.files] == FILES
        assert [file.size for file in source.files] == [47040016, 60008, 7840016, 10008]
        assert [file.header.hex()[:8] for file in source.files] == ["00000803", "00000801"] * 2
        assert len(source.mirrors) == 2
        assert all(mirror.endswith("/") for mirror in source.mirrors)
        for file in source.files:  # nothing is taken on trust
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256 or "0" * 64)
            assert re.fullmatch(r"[0-9a-f]{32}", file.packed_md5 or "0" * 32)
            assert file.sha256 or file.packed_md5


# --- where files are looked for -----------------------------------------------------------


def test_path_wins_over_the_variable_and_that_over_the_cache(contents, tmp_path, monkeypatch, home):
    put(home / "mnist", contents)
    datasets.load("mnist")
    monkeypatch.setenv("NUDGE_DATA", "")
    datasets.load("mnist")
    monkeypatch.setenv("NUDGE_DATA", str(tmp_path / "none"))
    assert refused() == f"dataset 'mnist': NUDGE_DATA: there is no folder {tmp_path / 'none'}"
    other = put(tmp_path / "data/mnist", contents)
    for folder in (other, other.parent):
        monkeypatch.setenv("NUDGE_DATA", str(folder))
        assert is_whole(datasets.load("mnist"), contents)
    (other / f"{LABELS}.gz").unlink()
    assert refused() == (
        f"dataset 'mnist': NUDGE_DATA: {other} lacks {LABELS} (packed as .gz or not)"
    )
    assert is_whole(datasets.load("mnist", path=home / "mnist"), contents)


def test_a_path_that_is_none(contents, tmp_path, monkeypatch):
    put(tmp_path / "data/mnist", contents)
    message = f"dataset 'mnist': path: {tmp_path / 'data'} lacks {', '.join(FILES)} (packed as .gz"
    assert refused(path=str(tmp_path / "data")).startswith(message)
    assert refused(path=str(tmp_path / "data")).endswith(f"did you mean {tmp_path / 'data/mnist'}?")
    file = tmp_path / f"data/mnist/{IMAGES}.gz"
    assert refused(path=file).endswith(f"no folder {file}; name the folder, not a file in it")
    for wrong in (3, "", b"x"):
        expected = f"dataset 'mnist': path must be the name of a folder, got {wrong!r}"
        assert refused(path=wrong) == expected
    monkeypatch.setenv("HOME", str(tmp_path))
    assert is_whole(datasets.load("mnist", path="~/data/mnist"), contents)


@pytest.mark.parametrize("base", ["", "relative", None])
def test_the_cache_lies_in_the_home_folder_by_default(contents, tmp_path, monkeypatch, base):
    monkeypatch.setenv("HOME", str(tmp_path))
    if base is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", base)
    put(tmp_path / ".cache/nudge/mnist", contents)
    assert is_whole(datasets.load("mnist"), contents)


# --- damaged files ------------------------------------------------------------------------


def flipped(content, place=-100):
    changed = bytearray(content)
    changed[place] ^= 1
    return bytes(changed)


DAMAGE = {
    "truncated": (lambda c: c[:-9], "expected 47056 bytes unpacked, got 47047"),
    "too long": (lambda c: c + b"x", "expected 47056 bytes unpacked, got 47057"),
    "empty": (lambda c: b"", "no IDX header but b'' in 0 bytes"),
    "no more than a header": (lambda c: c[:16], "expected 47056 bytes unpacked, got 16"),
    "half a header": (lambda c: c[:7], "got no IDX header but b'\\x00\\x00\\x08\\x03\\x00"),
    "altered": (flipped, "expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}"),
    "a page": (lambda c: b"<!DOCTYPE html>", "got no IDX header but b'<!DOCTYPE ht' in 15 bytes"),
    "other shape": (
        lambda c: flipped(c, 7),
        "expected IDX magic number 00000803 and shape 60 x 28 x 28 in 47056 bytes, "
        "got IDX magic number 00000803 and shape 61 x 28 x 28 in 47056 bytes",
    ),
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named(contents, tmp_path, damage, packed):
    change, message = DAMAGE[damage]
    folder = put(tmp_path, contents | {IMAGES: change(contents[IMAGES])}, packed)
    path = folder / (IMAGES + ".gz" * packed)
    said = refused(path=folder)
    assert said.startswith(f"dataset 'mnist': {path}: expected ")
    pattern = message if "{" in message else re.escape(message)
    assert re.search(pattern, said)
    assert said.count("expected") == 1


@pytest.mark.parametrize("cut", [2, 9, 1000, -1])
def test_a_truncated_package_is_named(contents, tmp_path, cut):
    folder = put(tmp_path, contents)
    path = folder / f"{IMAGES}.gz"
    path.write_bytes(path.read_bytes()[:cut])
    size = path.stat().st_size
    message = f"{path}: expected 47056 bytes packed by gzip, got {size} that do not unpack: "
    assert message in refused(path=folder)
    path.write_bytes(flipped(pack(contents[IMAGES]), 1000))
    assert "that do not unpack" in refused(path=folder)


def test_no_more_is_unpacked_than_could_be_right(contents, tmp_path):
    file = mnist.SOURCES["mnist"].files[0]
    path = tmp_path / "bomb"
    path.write_bytes(pack(contents[IMAGES] + bytes(50_000_000)))
    with pytest.raises(datasets.DatasetError, match=r"47056 bytes unpacked, got more than 47056$"):
        read(path, file)


def test_what_is_packed_is_seen_from_the_bytes(contents, tmp_path):
    folder = put(tmp_path, contents)
    for name in FILES:
        (folder / f"{name}.gz").rename(folder / name)
    assert is_whole(datasets.load("mnist", path=folder), contents)


def test_swapped_files_are_told_by_their_names(contents, tmp_path):
    folder = put(
        tmp_path, contents | {LABELS: contents[TEST_LABELS], TEST_LABELS: contents[LABELS]}
    )
    said = refused(path=folder)
    assert f"{folder / LABELS}.gz: expected IDX magic number 00000801 and shape 60 in" in said
    assert f"; it is {TEST_LABELS} of mnist; {folder / TEST_LABELS}.gz" in said
    assert said.endswith(f"; it is {LABELS} of mnist")


def test_fashion_is_checked_as_far_as_it_is_known(contents, tmp_path, monkeypatch):
    clothes, source = small("fashion-mnist", seed=1, md5=True)
    monkeypatch.setitem(mnist.SOURCES, "fashion-mnist", source)
    folder = put(tmp_path / "a", contents)  # of the same shape in every respect
    said = refused("fashion-mnist", path=folder)
    assert said.count("expected the file of another set; it is") == 4
    assert (
        f"{folder / IMAGES}.gz: expected the file of another set; it is {IMAGES} of mnist;" in said
    )
    labels = bytearray(clothes[LABELS])
    labels[8] = 10
    folder = put(tmp_path / "b", clothes | {LABELS: bytes(labels)})
    assert "expected each label from 0 to 9 6 times, got 0: " in refused(
        "fashion-mnist", path=folder
    )
    folder = put(tmp_path / "c", clothes | {LABELS: clothes[LABELS][:8] + bytes(60)})
    assert refused("fashion-mnist", path=folder).endswith("6 times, got 0: 60")
    swapped = {IMAGES: clothes[TEST_IMAGES], TEST_IMAGES: clothes[IMAGES]}
    folder = put(tmp_path / "d", clothes | swapped)
    assert "shape 60 x 28 x 28 in 47056 bytes, got" in refused("fashion-mnist", path=folder)


def test_a_file_that_cannot_be_read(contents, tmp_path, monkeypatch):
    folder = put(tmp_path, contents)

    def no(self, *args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", no)
    assert "but it cannot be read: Permission denied" in refused(path=folder)


# --- a server -----------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    """Answers each request as its path's next act says; at the end of the acts, as it should."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.close_connection = True
        span = self.headers.get("Range")
        mirror, name = self.path.strip("/").split("/")
        self.server.seen.append((mirror, name, span))
        assert self.headers["User-Agent"] == "nudge-nn"
        body = self.server.bodies.get(name, b"")
        start = int(span.removeprefix("bytes=").removesuffix("-")) if span else 0
        acts = self.server.acts.get(mirror, [])
        act = acts.pop(0) if acts else serve
        act(self, body, start)

    def answer(self, status, body, length=None, **headers):
        self.send_response(status)
        length = len(body) if length is None else length
        if length >= 0:
            self.send_header("Content-Length", str(length))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def serve(handler, body, start, stop=None, length=True):
    """Send the rest of the body, of which only the bytes up to `stop` arrive."""
    if start >= len(body) > 0:
        return handler.answer(416, b"")
    head = {"Content_Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
    rest = body[start:]
    sent = rest if stop is None else rest[:stop]
    return handler.answer(206 if start else 200, sent, length=len(rest) if length else -1, **head)


def cut(stop, length=True):
    return lambda handler, body, start: serve(handler, body, start, stop, length)


def status(code):
    return lambda handler, body, start: handler.answer(code, b"<html>no</html>")


def corrupt(handler, body, start):
    serve(handler, flipped(body), start)


def ignore_range(handler, body, start):
    handler.answer(200, body)


def wrong_range(handler, body, start):
    handler.answer(206, body, Content_Range=f"bytes 0-{len(body) - 1}/{len(body)}")


def no_range(handler, body, start):
    handler.answer(206, body[start:])


def page(handler, body, start):
    handler.answer(200, b"<!DOCTYPE html><title>Log in to this network</title>")


def stall(stop):
    def act(handler, body, start):
        serve(handler, body, start, stop)
        time.sleep(0.8)

    return act


def hang_up(handler, body, start):
    handler.connection.close()


def endless(handler, body, start):
    serve(handler, body + bytes(200_000), start)


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None
    server.acts, server.seen, server.bodies = {}, [], {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.urls = tuple(f"http://127.0.0.1:{server.server_port}/{name}/" for name in "ab")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def offered(contents, server, monkeypatch):
    """The small set, to be had from two mirrors a and b."""
    source = replace(mnist.SOURCES["mnist"], mirrors=server.urls)
    monkeypatch.setitem(mnist.SOURCES, "mnist", source)
    server.bodies = {f"{name}.gz": pack(content) for name, content in contents.items()}
    return contents


def cached(home):
    return sorted(path.name for path in (home / "mnist").iterdir())


WHOLE = sorted(f"{name}.gz" for name in FILES)


def test_download_once(offered, server, home, capsys):
    assert is_whole(datasets.load("mnist"), offered)
    assert server.seen == [("a", f"{name}.gz", None) for name in FILES]
    assert cached(home) == WHOLE
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"mnist: fetching {server.urls[0]}{name}.gz" for name in FILES]
    assert is_whole(datasets.load("mnist"), offered)
    assert len(server.seen) == 4
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(offered, server, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(download, "TIMEOUT", 0.4)
    server.acts["a"] = [stall(5000)]  # a bar shows itself when there was something to wait for
    datasets.load("mnist")
    size = len(server.bodies[f"{IMAGES}.gz"])
    assert f"{IMAGES}:   0%" in terminal.getvalue()
    assert f"/{size / 1000:.1f}k" in terminal.getvalue()


TROUBLE = {
    "cut": ([cut(9000)], ["a", "a 9000"]),
    "cut often": ([cut(2000)] * 6, ["a", *(f"a {2000 * n}" for n in range(1, 7))]),
    "cut with no length told": ([cut(9000, length=False)], ["a", "b"]),
    "delayed": ([stall(5000)], ["a", "a 5000"]),
    "silent": ([stall(0)] * 4, ["a", "a", "a", "a", "b"]),
    "hangs up": ([hang_up, hang_up], ["a", "a", "a"]),
    "corrupt": ([corrupt], ["a", "b"]),
    "corrupt after a cut": ([cut(9000), corrupt], ["a", "a 9000", "a"]),
    "corrupt twice": (
        [cut(9000), corrupt, cut(9000), corrupt], ["a", "a 9000", "a", "a 9000", "b"],
    ),
    "forbidden": ([status(403)], ["a", "b"]),
    "not found": ([status(404)], ["a", "b"]),
    "busy": ([status(503), status(500), status(429)], ["a"] * 4),
    "always busy": ([status(503)] * 4, ["a"] * 4 + ["b"]),
    "ignores Range": ([cut(9000), ignore_range], ["a", "a 9000"]),
    "wrong range": ([cut(9000), wrong_range], ["a", "a 9000", "a"]),
    "range not told": ([cut(9000), no_range], ["a", "a 9000", "a"]),
    "range refused": ([cut(9000), status(416)], ["a", "a 9000", "a"]),
    "a page": ([page], ["a", "b"]),
    "endless": ([endless], ["a", "b"]),
    "redirected in vain": ([status(302)], ["a", "b"]),
}  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_server_with_trouble(offered, server, home, trouble, monkeypatch):
    if trouble in ("delayed", "silent"):
        monkeypatch.setattr(download, "TIMEOUT", 0.4)
    acts, expected = TROUBLE[trouble]
    server.acts["a"] = list(acts)
    assert is_whole(datasets.load("mnist"), offered)
    first = [(mirror, span) for mirror, name, span in server.seen if name == f"{IMAGES}.gz"]
    said = [f"{mirror} {span[6:-1]}" if span else mirror for mirror, span in first]
    assert said == expected
    # The mirror that served the first file is the one asked for the others.
    assert {mirror for mirror, name, _ in server.seen if name != f"{IMAGES}.gz"} == {said[-1][0]}
    assert cached(home) == WHOLE


def test_no_mirror_serves(offered, server, home):
    server.acts = {"a": [status(403)] * 4, "b": [corrupt]}
    put(home / "mnist", {TEST_LABELS: offered[TEST_LABELS]})
    a, b = (f"{url}{IMAGES}.gz" for url in server.urls)
    said = refused()
    assert said.startswith(
        f"dataset 'mnist': put {IMAGES}.gz, {LABELS}.gz, {TEST_IMAGES}.gz (packed or not) into "
        f"{home / 'mnist'}, or name the folder that holds them all by the option path or by "
        f"NUDGE_DATA; no download: {a}: HTTP 403 Forbidden; {b}: expected "
    )
    assert cached(home) == [f"{TEST_LABELS}.gz"]
    put(home / "mnist", offered, packed=False)  # as the message says
    assert is_whole(datasets.load("mnist"), offered)


def test_offline(offered, server, home, monkeypatch):
    for name, mirrors in mnist.SOURCES.items():
        monkeypatch.setitem(mnist.SOURCES, name, replace(mirrors, mirrors=("http://127.0.0.1:9/",)))
    assert f"no download: http://127.0.0.1:9/{IMAGES}.gz: no connection: " in refused()
    put(home / "mnist", offered | {LABELS: offered[LABELS][:-1]})
    said = refused()
    assert said.startswith(f"dataset 'mnist': put {LABELS}.gz (packed or not) into")
    assert said.endswith(
        f"; damaged, to be replaced: {home / 'mnist' / LABELS}.gz: "
        "expected 68 bytes unpacked, got 67"
    )


@pytest.mark.parametrize("packed", [True, False])
def test_what_is_damaged_in_the_cache_is_named_and_replaced(offered, server, home, capsys, packed):
    put(home / "mnist", offered | {LABELS: flipped(offered[LABELS], -1)}, packed)
    assert is_whole(datasets.load("mnist"), offered)
    assert server.seen == [("a", f"{LABELS}.gz", None)]
    place = home / "mnist" / (LABELS + ".gz" * packed)
    said = capsys.readouterr().err
    assert said.startswith(f"mnist: {place}: expected SHA-256 ")
    assert "; fetching it anew" in said.splitlines()[0]
    assert LABELS not in cached(home)
    assert f"{LABELS}.gz" in cached(home)
    assert is_whole(datasets.load("mnist"), offered)
    assert len(server.seen) == 1


def test_a_cache_that_cannot_be_written(offered, server, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert f"no download: [Errno 20] Not a directory: '{tmp_path}/file" in refused()


def test_fashion_is_downloaded_by_md5(server, monkeypatch):
    contents, source = small("fashion-mnist", server.urls, md5=True)
    monkeypatch.setitem(mnist.SOURCES, "fashion-mnist", source)
    server.bodies = {f"{name}.gz": pack(content) for name, content in contents.items()}

    def altered(handler, body, start):  # a whole package, with one pixel changed
        serve(handler, pack(flipped(gzip.decompress(body))), start)

    server.acts["a"] = [altered]
    assert is_whole(datasets.load("fashion-mnist"), contents)
    assert [mirror for mirror, _, _ in server.seen] == ["a", "b", "b", "b", "b"]
    server.acts["b"] = [altered]
    Path(os.environ["XDG_CACHE_HOME"], f"nudge/fashion-mnist/{IMAGES}.gz").unlink()
    server.acts["a"] = [status(403)]
    said = refused("fashion-mnist")
    expected = rf"b/{IMAGES}\.gz: expected a file of MD5 {source.files[0].packed_md5}, got \w{{32}}"
    assert re.search(expected, said)


# --- parts --------------------------------------------------------------------------------


def test_an_interrupted_download_goes_on_next_time(offered, server, home, monkeypatch):
    block, count = download._block, iter(range(100))

    def interrupted(response):
        if next(count) == 6:
            raise KeyboardInterrupt
        return block(response)

    with monkeypatch.context() as patch:
        patch.setattr(download, "_block", interrupted)
        with pytest.raises(KeyboardInterrupt):
            datasets.load("mnist")
    (part,) = (home / "mnist").iterdir()
    assert part.suffix == ".part"
    size = part.stat().st_size
    assert 0 < size <= 6 * 1024
    server.acts["a"] = [status(403)]  # the other mirror may have packed it otherwise
    mirrors = mnist.SOURCES["mnist"].mirrors
    datasets.load("mnist")
    assert server.seen[1:3] == [
        ("a", f"{IMAGES}.gz", f"bytes={size}-"),
        ("b", f"{IMAGES}.gz", None),
    ]
    assert cached(home) == WHOLE  # the part of mirror a is gone
    assert mnist.SOURCES["mnist"].mirrors == mirrors


@pytest.mark.parametrize("age", [0, 3600])
def test_the_part_of_a_killed_process(offered, server, home, age):
    body = server.bodies[f"{IMAGES}.gz"]
    key = hashlib.sha256(f"{server.urls[0]}{IMAGES}.gz".encode()).hexdigest()[:8]
    part = put(home / "mnist", {}) / f"{IMAGES}.gz.{key}.part-0123"
    part.write_bytes(body[:5000])
    os.utime(part, (time.time() - age,) * 2)
    assert is_whole(datasets.load("mnist"), offered)
    assert server.seen[0] == ("a", f"{IMAGES}.gz", "bytes=5000-" if age else None)
    assert part.exists() == (age == 0)  # its process may still be writing


@pytest.mark.parametrize("good", [True, False])
def test_a_part_with_nothing_behind_it(offered, server, home, good):
    body = server.bodies[f"{IMAGES}.gz"]
    key = hashlib.sha256(f"{server.urls[0]}{IMAGES}.gz".encode()).hexdigest()[:8]
    part = put(home / "mnist", {}) / f"{IMAGES}.gz.{key}.part"
    part.write_bytes(body if good else bytes(len(body)))
    assert is_whole(datasets.load("mnist"), offered)
    spans = [span for _, name, span in server.seen if name == f"{IMAGES}.gz"]
    assert spans == ([f"bytes={len(body)}-"] if good else [f"bytes={len(body)}-", None])
    assert cached(home) == WHOLE


TOGETHER = """
import json, sys
import datasets
from datasets import mnist
from datasets.idx import File, Source
source = json.loads(sys.argv[1])
files = tuple(File(**file | {"shape": tuple(file["shape"])}) for file in source["files"])
mnist.SOURCES["mnist"] = Source(name="mnist", files=files, mirrors=tuple(source["mirrors"]))
data = datasets.load("mnist")
print(data.x_test.astype("f8").sum(), data.t_test.tolist())
"""


def test_two_processes_at_once(offered, server, home):
    together = threading.Barrier(2)

    def wait(handler, body, start):
        together.wait(10)
        serve(handler, body, start)

    server.acts["a"] = [wait, wait]
    source = json.dumps(asdict(mnist.SOURCES["mnist"]))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TOGETHER, source],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    ended = [(*process.communicate(timeout=30), process.returncode) for process in started]
    assert [code for _, _, code in ended] == [0, 0], ended
    data = datasets.load("mnist")
    expected = f"{data.x_test.astype('f8').sum()} {data.t_test.tolist()}\n"
    assert [out for out, _, _ in ended] == [expected] * 2
    assert cached(home) == WHOLE
    assert [name for _, name, _ in server.seen].count(f"{IMAGES}.gz") == 2


# --- the house ----------------------------------------------------------------------------


def test_import_brings_no_network():
    code = (
        "import sys, datasets\ndatasets.loaders()\n"
        "print(sorted({'urllib.request', 'http.client', 'ssl', 'tqdm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@needs_files
def test_the_real_files_in_little_memory():
    code = (
        "import re, sys, datasets\n"
        "data = datasets.load('mnist', path=sys.argv[1], validation=0.1)\n"
        "print(data.summary())\n"
        "import numpy as np\n"
        "print(*np.bincount(np.concatenate([data.t_train, data.t_validation])))\n"
        "print(data.t_test[:8].tolist())\n"
        "if sys.platform == 'linux':\n"
        "    text = open('/proc/self/status').read()\n"
        "    peak = int(re.search(r'VmHWM:\\s*(\\d+) kB', text)[1]) / 1024\n"
        "    assert peak < 330, f'{peak} MiB'\n"
    )  # fmt: skip
    command = [sys.executable, "-c", code, str(REAL)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == [
        "mnist: 784 features, 10 classes; samples: 54 000 to train, 6 000 to validate,"
        " 10 000 to test",
        "5923 6742 5958 6131 5842 5421 5918 6265 5851 5949",
    ]
    assert done.stdout.splitlines()[2] == "[7, 2, 1, 0, 4, 1, 4, 9]"


@needs_files
def test_a_real_file_in_the_wrong_place(tmp_path):
    for path in REAL.glob("*.gz"):
        (tmp_path / path.name).symlink_to(path)
    one, two = (tmp_path / f"{name}.gz" for name in (TEST_IMAGES, TEST_LABELS))
    one.rename(tmp_path / "kept")
    two.rename(one)
    (tmp_path / "kept").rename(two)
    said = refused(path=tmp_path)
    assert f"{one}: expected IDX magic number 00000803 and shape 10000 x 28 x 28" in said
    assert said.endswith(f"it is {TEST_IMAGES} of mnist")
