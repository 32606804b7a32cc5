"""Data to train on: `load(name)` answers with a `Dataset`, split and ready.

>>> import datasets
>>> data = datasets.load("moons", samples=100, noise=0.0)
>>> data.summary()
'moons: 2 features, 2 classes; samples: 80 to train, 20 to test'
>>> data.x_train.shape, data.t_train.shape
((80, 2), (80,))

To read in this order: `dataset` (what one gets), `split`, `files`, the families `toy`, `tables`
and `digits`; for sets too large to ship `idx`, `download`, `places` and the family `mnist`;
`catalogue`. Nothing is read from disk before `load`, nothing here knows `nn`.
"""

from datasets.catalogue import load, loaders, names
from datasets.dataset import Dataset
from datasets.errors import DatasetError, UnknownNameError

__all__ = ["Dataset", "DatasetError", "UnknownNameError", "load", "loaders", "names"]
