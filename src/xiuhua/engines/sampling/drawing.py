"""Drawing a simple random sample that anybody can draw again, and what a plan lets pass.

Draw: each item gets a raw 64-bit number of PCG64 (O'Neill 2014, HMC-CS-2014-0905), the n smallest are taken. Raw PCG64
output is fixed by NumPy's compatibility policy (NEP 19), unlike its sampling methods.
Probability of acceptance: GB/T 2828.1-2012 clause 12.1, binomial; hypergeometric for a lot of known size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def draw(*, codes: Sequence[str], n: int, seed: int) -> tuple[str, ...]:
    """Return `n` of the codes, in code order; raises ValueError unless codes are sorted and unique and hold n."""
    if list(codes) != sorted(set(codes)):
        raise ValueError("codes must be sorted and unique, so that the same lot always gives the same sample")
    if not 0 <= n <= len(codes):
        raise ValueError(f"cannot draw {n} of {len(codes)}")
    keys = np.random.PCG64(seed).random_raw(len(codes))
    chosen = np.sort(np.argsort(keys, kind="stable")[:n])
    return tuple(codes[index] for index in chosen)


def acceptance_probability(
    *, n: int, accept: int, fraction: NDArray[np.float64], lot_size: int | None = None
) -> NDArray[np.float64]:
    """Return the chance that a lot with this `fraction` nonconforming (0 to 1) is accepted.

    Binomial (a long series of lots); with `lot_size`, hypergeometric with the fraction rounded to whole items.
    """
    if lot_size is None:
        return np.asarray(stats.binom.cdf(accept, n, fraction), dtype=np.float64)
    nonconforming = np.rint(fraction * lot_size).astype(np.int64)
    return np.asarray(stats.hypergeom.cdf(accept, lot_size, nonconforming, n), dtype=np.float64)
