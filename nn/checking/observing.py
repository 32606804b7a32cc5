"""What must hold before any gradient can be judged, found out by asking.

forward answers the same inputs with the same numbers, whatever it was asked before, and leaves
its inputs and its parameters alone; each sample is answered alone as in its batch. backward leaves
everything alone too, and answers the same twice.
"""

from __future__ import annotations

import numpy as np

from nn.checking.backwards import look_at_backward, look_at_rounding, look_at_scale
from nn.checking.behaviour import Behaviour
from nn.checking.digits import of_answers, of_dtype
from nn.checking.forwards import look_at_forward
from nn.checking.memory import Memory
from nn.checking.samples import mixing
from nn.checking.subject import Subject


def observe(
    subject: Subject, memory: Memory, rng: np.random.Generator, mixes: bool = False
) -> Behaviour:
    """Ask whether all holds that must; stop at the first thing that does not.

    `memory` is what the subject holds before it is asked anything; `mixes`: samples are meant to
    be mixed. Errors of the user's code at x itself are raised.
    """
    params = {name: p.copy() for name, p in subject.params.items()}
    z = subject.forward()
    dtype = z.dtype if z.dtype.kind == "f" else np.dtype(np.float64)
    weights = rng.uniform(0.5, 1.5, z.shape) * rng.choice([-1.0, 1.0], z.shape)
    dout = np.ones(z.shape, dtype) if subject.scalar else weights.astype(dtype)
    found = Behaviour(z, dout, of_dtype(z))
    look_at_forward(subject, memory, found, params)
    if found.violations or not np.isfinite(z).all():
        return found
    found.eps = of_answers(subject, z, rng)
    found.alone = mixing(subject, found, mixes)
    if not found.violations:
        look_at_backward(subject, memory, found, params)
    if not found.violations and not subject.scalar:
        look_at_scale(subject, found)
        look_at_rounding(subject, found)
    return found
