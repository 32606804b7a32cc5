import zipfile

import numpy as np
import pytest

from nn import InputError, load_params, save_params


def test_round_trip_bit_for_bit(tmp_path):
    weights = np.random.default_rng(0).normal(size=(3, 4))
    params = {"W1": weights, "file": weights.T, "0.b": np.array([-0.0, 5e-324])}
    save_params(tmp_path / "w.npz", params)
    loaded = load_params(tmp_path / "w.npz")
    assert list(loaded) == list(params)
    for name, p in params.items():
        assert loaded[name].dtype == np.float64
        assert loaded[name].tobytes() == p.tobytes()


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "w.npz"
    save_params(path, {"W": np.zeros(2)})

    def full(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        save_params(path, {"W": np.ones(2)})
    assert [p.name for p in tmp_path.iterdir()] == ["w.npz"]
    assert load_params(path)["W"].tolist() == [0, 0]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 torn"])
def test_what_holds_no_weights_is_refused(tmp_path, content):
    path = tmp_path / "w.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match="does not hold weights"):
        load_params(path)


def test_a_single_array_is_refused(tmp_path):
    with (tmp_path / "w.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="does not hold weights"):
        load_params(tmp_path / "w.npz")


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "w.npz", W=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="does not hold weights"):
        load_params(tmp_path / "w.npz")


def test_numbers_that_were_changed_are_told_though_the_archive_is_whole(tmp_path):
    """As by somebody with a tool for zip files: its own check sums are right."""
    save_params(tmp_path / "a.npz", {"W": np.zeros(2)})
    save_params(tmp_path / "b.npz", {"W": np.ones(2)})
    with zipfile.ZipFile(tmp_path / "a.npz") as a, zipfile.ZipFile(tmp_path / "b.npz") as b:
        parts = {name: (b if name == "W.npy" else a).read(name) for name in a.namelist()}
    with zipfile.ZipFile(tmp_path / "c.npz", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match="is damaged: it is not what was written"):
        load_params(tmp_path / "c.npz")
