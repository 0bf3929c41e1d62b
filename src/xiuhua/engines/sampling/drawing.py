"""Drawing a simple random sample that anybody can draw again, and what a plan lets pass.

Draw: each item gets a raw 64-bit number of PCG64 (O'Neill 2014, HMC-CS-2014-0905), the n smallest are taken. Raw PCG64
output is fixed by NumPy's compatibility policy (NEP 19), unlike its sampling methods.
Probability of acceptance: GB/T 2828.1-2012 clause 12.1, binomial; hypergeometric for a lot of known size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


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
        return _at_most(accept, n, np.asarray(fraction, dtype=np.float64))
    nonconforming = np.rint(np.asarray(fraction, dtype=np.float64) * lot_size).astype(np.int64)
    return np.array([_at_most_of_lot(accept, lot_size, int(bad), n) for bad in nonconforming], dtype=np.float64)


def _at_most(accept: int, n: int, fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return P(X <= accept), X binomial: a sum of positive terms, each by logarithms so that none overflows."""
    if accept >= n:
        return np.ones_like(fraction)
    found = np.arange(accept + 1)
    steps = np.log((n - found[1:] + 1) / found[1:])
    ways = np.concatenate([[0.0], np.cumsum(steps)])
    inner = np.where((fraction > 0) & (fraction < 1), fraction, 0.5)
    terms = ways[:, None] + found[:, None] * np.log(inner) + (n - found)[:, None] * np.log1p(-inner)
    chance = np.minimum(np.exp(terms).sum(axis=0), 1.0)
    return np.where(fraction <= 0, 1.0, np.where(fraction >= 1, 0.0, chance))


def _at_most_of_lot(accept: int, lot_size: int, bad: int, n: int) -> float:
    """Return P(X <= accept), X hypergeometric: counted in whole numbers."""
    passed = sum(math.comb(bad, k) * math.comb(lot_size - bad, n - k) for k in range(min(accept, n) + 1))
    return passed / math.comb(lot_size, n)
