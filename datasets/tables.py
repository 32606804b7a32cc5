"""Small tables of measurements: flowers and patients. Credits stand in `data/README.md`."""

from __future__ import annotations

import numpy as np

from datasets.dataset import Samples
from datasets.files import read_table


def iris(_rng: np.random.Generator, /) -> Samples:
    """Iris flowers: 4 lengths in cm, 3 species, 150 flowers.

    One species is a straight line apart from the others, those two overlap a little.

    References
    ----------
    R. A. Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics
    7 (1936) 179-188; UCI Machine Learning Repository, doi 10.24432/C56C76.
    """
    parts = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    species = ("setosa", "versicolor", "virginica")
    columns = (*(f"{part}_cm" for part in parts), "species")
    table = read_table("iris.csv.gz", 150, columns, classes=species)
    return Samples(
        x=table[:, :4],
        t=table[:, 4],
        target_name="species",
        feature_names=tuple(f"{part.replace('_', ' ')} (cm)" for part in parts),
        class_names=species,
    )


def diabetes(_rng: np.random.Generator, /) -> Samples:
    """Diabetes patients: 10 measurements, the progression of the disease a year later.

    Regression on 442 patients, in original units. A straight line explains half of the variance
    and hardly anything does better.

    References
    ----------
    B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, Least Angle Regression, Annals of
    Statistics 32 (2004) 407-499.
    """
    features = {
        "age": "age (years)",
        "sex": "sex (1 or 2)",
        "bmi": "body mass index (kg/m²)",
        "bp": "average blood pressure (mmHg)",
        "s1": "s1: total cholesterol",
        "s2": "s2: low-density lipoproteins",
        "s3": "s3: high-density lipoproteins",
        "s4": "s4: total cholesterol / HDL",
        "s5": "s5: log of triglycerides",
        "s6": "s6: blood sugar",
    }
    table = read_table("diabetes.csv.gz", 442, (*features, "progression"))
    return Samples(
        x=table[:, :10],
        t=table[:, 10:],
        target_name="disease progression after one year",
        feature_names=tuple(features.values()),
    )
