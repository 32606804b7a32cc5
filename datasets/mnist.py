"""MNIST and Fashion-MNIST: 70 000 pictures of 28x28 pixels, not shipped but found by `places`."""

from __future__ import annotations

import numpy as np

from datasets.dataset import SamplesWithTest
from datasets.errors import check_count
from datasets.idx import File, Source
from datasets.places import find

SHAPE = (28, 28)

MNIST = Source(
    name="mnist",
    files=(
        File(
            name="train-images-idx3-ubyte",
            shape=(60_000, *SHAPE),
            sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        File(
            name="train-labels-idx1-ubyte",
            shape=(60_000,),
            sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        File(
            name="t10k-images-idx3-ubyte",
            shape=(10_000, *SHAPE),
            sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        File(
            name="t10k-labels-idx1-ubyte",
            shape=(10_000,),
            sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    mirrors=(  # the original host has answered 403 since 2021
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
)

# The authors publish the MD5 of the packed files and no SHA-256. So a download is checked by
# that; files of the user's, who may have packed them anew, by header, size and labels alone.
FASHION = Source(
    name="fashion-mnist",
    files=(
        File(
            name="train-images-idx3-ubyte",
            shape=(60_000, *SHAPE),
            packed_md5="8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        ),
        File(
            name="train-labels-idx1-ubyte",
            shape=(60_000,),
            packed_md5="25c81989df183df01b3e8a0aad5dffbe",
            per_class=6_000,
        ),
        File(
            name="t10k-images-idx3-ubyte",
            shape=(10_000, *SHAPE),
            packed_md5="bef4ecab320f06d8554ea6380940ec79",
        ),
        File(
            name="t10k-labels-idx1-ubyte",
            shape=(10_000,),
            packed_md5="bb300cfdad3c16e7a12a480ee83cd310",
            per_class=1_000,
        ),
    ),
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
)

SOURCES = {source.name: source for source in (MNIST, FASHION)}


def mnist(
    _rng: np.random.Generator, /, path: str | None = None, samples: int | None = None
) -> SamplesWithTest:
    """Handwritten digits: 28x28 pixels of value 0 to 1, 10 classes, 60 000 + 10 000 pictures.

    Features run row by row from the top left, 0 is paper and 1 is ink. The last 10 000 are the
    test part of the authors.

    Parameters
    ----------
    path : str, optional
        Folder with the four IDX files, packed or not. Without it, the environment variable
        NUDGE_DATA names one, or else they are downloaded into the cache: see `places`.
    samples : int from 1 to 60 000, optional
        Take only so many of those to train on, the first ones; the test part stays whole.

    References
    ----------
    Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits, 1998,
    CC BY-SA 3.0.
    """
    return _pictures("mnist", path, samples, "digit", tuple("0123456789"))


def fashion_mnist(
    _rng: np.random.Generator, /, path: str | None = None, samples: int | None = None
) -> SamplesWithTest:
    """Clothes: 28x28 pixels of value 0 to 1, 10 classes, 60 000 + 10 000 pictures; harder.

    Made to be used like MNIST, file by file. A download is checked by the MD5 of the packed
    files, which is all that the authors publish; files in `path` by header, size and labels.

    Parameters
    ----------
    path : str, optional
        Folder with the four IDX files, packed or not. Without it, the environment variable
        NUDGE_DATA names one, or else they are downloaded into the cache: see `places`.
    samples : int from 1 to 60 000, optional
        Take only so many of those to train on, the first ones; the test part stays whole.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking
    Machine Learning Algorithms, 2017, arXiv 1708.07747, MIT licence.
    """
    clothes = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    return _pictures("fashion-mnist", path, samples, "article", clothes)


def _pictures(
    name: str,
    path: str | None,
    samples: int | None,
    target_name: str,
    class_names: tuple[str, ...],
) -> SamplesWithTest:
    source = SOURCES[name]
    most = source.files[0].shape[0]
    if samples is not None:
        check_count("samples", samples, at_least=1, at_most=most)
    x, t, x_test, t_test = find(source, path, known=SOURCES.values())
    return SamplesWithTest(
        x=x.reshape(len(x), -1)[:samples],
        t=t[:samples],
        x_test=x_test.reshape(len(x_test), -1),
        t_test=t_test,
        target_name=target_name,
        feature_names=tuple(f"pixel_{row}_{column}" for row, column in np.ndindex(*SHAPE)),
        class_names=class_names,
        image_shape=SHAPE,
        divisor=255,
    )
