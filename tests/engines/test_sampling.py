"""Acceptance sampling is proved by the published table, closed forms, enumeration and an independent reading."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from xiuhua.engines.sampling import (
    AQLS,
    Level,
    Lot,
    Severity,
    acceptance_probability,
    code_letter,
    draw,
    one_step_tighter,
    plan,
    standing_after,
    table_plan,
)

# Published copy of tables 1 and 2-A of the standard, arrows resolved: lot from, to, letters S-1 … III.
TABLE_1 = """
2 8 A A A A A A B
9 15 A A A A A B C
16 25 A A B B B C D
26 50 A B B C C D E
51 90 B B C C C E F
91 150 B B C D D F G
151 280 B C D E E G H
281 500 B C D E F H J
501 1200 C C E F G J K
1201 3200 C D E G H K L
3201 10000 C D F G J L M
10001 35000 C D F H K M N
35001 150000 D E G J L N P
150001 500000 D E G J M P Q
500001 9999999 D E H K N Q R
"""
TABLE_2A = """
A 20/0 13/0 8/0 5/0 3/0 2/0
B 20/0 13/0 8/0 5/0 3/0 2/0
C 20/0 13/0 8/0 5/0 3/0 8/1
D 20/0 13/0 8/0 5/0 13/1 8/1
E 20/0 13/0 8/0 20/1 13/1 13/2
F 20/0 13/0 32/1 20/1 20/2 20/3
G 20/0 50/1 32/1 32/2 32/3 32/5
H 80/1 50/1 50/2 50/3 50/5 50/7
J 80/1 80/2 80/3 80/5 80/7 80/10
K 125/2 125/3 125/5 125/7 125/10 125/14
L 200/3 200/5 200/7 200/10 200/14 200/21
M 315/5 315/7 315/10 315/14 315/21 200/21
N 500/7 500/10 500/14 500/21 315/21 200/21
P 800/10 800/14 800/21 500/21 315/21 200/21
Q 1250/14 1250/21 800/21 500/21 315/21 200/21
R 2000/21 1250/21 800/21 500/21 315/21 200/21
"""


def test_code_letters_cell_by_cell() -> None:
    for line in TABLE_1.split("\n")[1:-1]:
        smallest, largest, *letters = line.split()
        for level, letter in zip(Level, letters, strict=True):
            assert code_letter(lot_size=int(smallest), level=level) == letter
            assert code_letter(lot_size=int(largest), level=level) == letter


def test_normal_plans_cell_by_cell() -> None:
    for line in TABLE_2A.split("\n")[1:-1]:
        letter, *cells = line.split()
        for aql, cell in zip(AQLS, cells, strict=True):
            n, accept = map(int, cell.split("/"))
            assert table_plan(letter=letter, aql=aql, severity=Severity.NORMAL)[1:] == (n, accept, accept + 1)


def test_a_sample_as_large_as_the_lot_means_every_item() -> None:
    small = plan(lot_size=6, level=Level.TWO, aql=1.0, severity=Severity.NORMAL)
    assert (small.letter, small.plan_letter, small.n, small.accept, small.whole_lot) == ("A", "E", 6, 0, True)
    large = plan(lot_size=600, level=Level.TWO, aql=4.0, severity=Severity.NORMAL)
    assert (large.letter, large.n, large.accept, large.reject, large.whole_lot) == ("J", 80, 7, 8, False)
    assert plan(lot_size=1, level=Level.TWO, aql=1.0, severity=Severity.NORMAL).n == 1
    with pytest.raises(ValueError, match="at least one"):
        code_letter(lot_size=0, level=Level.TWO)
    with pytest.raises(ValueError, match="no plan"):
        plan(lot_size=600, level=Level.TWO, aql=3.0, severity=Severity.NORMAL)


@pytest.mark.parametrize(("letter", "aql"), list(product("ABCDEFGHJKLMNPQR", AQLS)))
def test_tightened_passes_less_and_reduced_passes_more_at_every_cell(letter: str, aql: float) -> None:
    plans = {severity: table_plan(letter=letter, aql=aql, severity=severity) for severity in Severity}
    chance = {
        severity: acceptance_probability(n=n, accept=accept, fraction=np.array([0.5, 1.0, 2.0, 4.0]) * aql / 100)
        for severity, (_, n, accept, _) in plans.items()
    }
    assert (chance[Severity.TIGHTENED] <= chance[Severity.NORMAL]).all()
    assert (chance[Severity.REDUCED] >= chance[Severity.NORMAL])[2:].all()
    assert chance[Severity.REDUCED][1] > 0.87  # a lot at the AQL is nearly always let through
    assert plans[Severity.REDUCED][1] <= plans[Severity.NORMAL][1]


def test_only_the_normal_table_is_confirmed() -> None:
    confirmed = {
        severity: plan(lot_size=600, level=Level.TWO, aql=4.0, severity=severity).confirmed for severity in Severity
    }
    assert confirmed == {Severity.NORMAL: True, Severity.TIGHTENED: False, Severity.REDUCED: False}
    assert table_plan(letter="J", aql=4.0, severity=Severity.TIGHTENED)[1:] == (80, 5, 6)


def test_acceptance_probability_closed_forms() -> None:
    fraction = np.array([0.0, 0.01, 0.05, 0.3, 1.0])
    zero = acceptance_probability(n=13, accept=0, fraction=fraction)
    np.testing.assert_allclose(zero, (1 - fraction) ** 13, rtol=1e-12)
    one = acceptance_probability(n=20, accept=1, fraction=fraction)
    np.testing.assert_allclose(one, (1 - fraction) ** 20 + 20 * fraction * (1 - fraction) ** 19, rtol=1e-12)


@pytest.mark.parametrize(
    ("accept", "at_95", "at_10"),
    [(0, 0.051, 2.303), (1, 0.355, 3.890), (2, 0.818, 5.322), (3, 1.366, 6.681), (5, 2.613, 9.275), (7, 3.981, 11.771)],
)
def test_unity_values_of_cameron_1952(accept: int, at_95: float, at_10: float) -> None:
    n = 1_000_000
    chances = acceptance_probability(n=n, accept=accept, fraction=np.array([at_95, at_10]) / n)
    np.testing.assert_allclose(chances, [0.95, 0.10], atol=5e-4)


def test_probability_for_a_known_lot_by_enumerating_every_sample() -> None:
    lot, bad, n, accept = 12, 4, 5, 1
    samples = list(combinations(range(lot), n))
    passed = sum(sum(item < bad for item in sample) <= accept for sample in samples)
    chance = acceptance_probability(n=n, accept=accept, fraction=np.array([bad / lot]), lot_size=lot)
    np.testing.assert_allclose(chance, [passed / len(samples)], rtol=1e-12)


@pytest.mark.parametrize("n", [0, 1, 2, 13, 80, 500, 2000])
@pytest.mark.parametrize("accept", [0, 1, 7, 21, 499, 2000])
def test_probability_agrees_with_an_independent_implementation(n: int, accept: int) -> None:
    fraction = np.array([0.0, 1e-9, 0.001, 0.01, 0.065, 0.25, 0.5, 0.99, 1.0])
    mine = acceptance_probability(n=n, accept=accept, fraction=fraction)
    np.testing.assert_allclose(mine, stats.binom.cdf(accept, n, fraction), rtol=1e-9, atol=1e-300)
    for lot in (max(n, 1), n + 7, 3200):
        mine = acceptance_probability(n=n, accept=accept, fraction=fraction, lot_size=lot)
        theirs = stats.hypergeom.cdf(accept, lot, np.rint(fraction * lot).astype(int), n)
        np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=1e-12)


def test_draw_is_the_same_again_and_even() -> None:
    codes = tuple(f"S{number:03d}" for number in range(50))
    first = draw(codes=codes, n=8, seed=7)
    assert first == draw(codes=codes, n=8, seed=7) == tuple(sorted(first))
    assert first != draw(codes=codes, n=8, seed=8)
    drawn = [code for seed in range(2000) for code in draw(codes=codes, n=8, seed=seed)]
    counts = np.array([drawn.count(code) for code in codes])
    assert ((counts - 320) ** 2 / 320).sum() < 85  # chi-square, 49 degrees of freedom, p ≈ 0.001
    assert draw(codes=codes, n=50, seed=1) == codes
    with pytest.raises(ValueError, match="sorted"):
        draw(codes=("b", "a"), n=1, seed=1)
    with pytest.raises(ValueError, match="cannot draw"):
        draw(codes=("a", "b"), n=3, seed=1)


def test_draw_stays_fixed_between_versions() -> None:
    assert draw(codes=tuple("abcdefghij"), n=3, seed=2026) == EXPECTED_OF_SEED_2026


EXPECTED_OF_SEED_2026 = ("a", "h", "j")

A, R = Lot(accepted=True), Lot(accepted=False)


def after(*lots: Lot, reduced_allowed: bool = False) -> Severity:
    return standing_after(lots=lots, reduced_allowed=reduced_allowed).severity


def test_normal_to_tightened_and_back() -> None:
    assert after() is Severity.NORMAL
    assert after(R, A, A, A) is Severity.NORMAL
    assert after(R, A, A, A, R) is Severity.TIGHTENED
    assert after(R, R) is Severity.TIGHTENED
    assert after(R, A, A, A, A, R) is Severity.NORMAL
    assert after(R, R, A, A, A, A) is Severity.TIGHTENED
    assert after(R, R, A, A, A, A, A) is Severity.NORMAL
    assert after(R, R, A, A, R, A, A, A, A) is Severity.TIGHTENED
    assert after(R, R, A, A, A, A, A, R) is Severity.NORMAL


def test_stop_after_five_refused_under_tightened_and_resume() -> None:
    stopped = standing_after(lots=(R, R, R, A, R, R, A, R, R))
    assert (stopped.stopped, stopped.refused_under_tightened) == (True, 5)
    assert not standing_after(lots=(R, R, R, A, R, R, A, R)).stopped
    resumed = standing_after(lots=(R,) * 7, resumed=True)
    assert (resumed.stopped, resumed.severity, resumed.refused_under_tightened) == (False, Severity.TIGHTENED, 0)
    later = standing_after(lots=(*(R,) * 7, A))
    assert (later.stopped, later.severity, later.refused_under_tightened) == (False, Severity.TIGHTENED, 0)


def test_reduced_by_score_with_consent_only_and_back_on_a_refusal() -> None:
    small, large = Lot(accepted=True, accept=1), Lot(accepted=True, accept=3, accepted_tighter=True)
    assert after(*(small,) * 14, reduced_allowed=True) is Severity.NORMAL
    assert after(*(small,) * 15, reduced_allowed=True) is Severity.REDUCED
    assert after(*(large,) * 10, reduced_allowed=True) is Severity.REDUCED
    assert after(*(large,) * 10) is Severity.NORMAL
    assert after(*(A,) * 40, reduced_allowed=True) is Severity.NORMAL
    assert after(*(large,) * 10, R, reduced_allowed=True) is Severity.NORMAL
    barely = Lot(accepted=True, accept=3, accepted_tighter=False)
    assert standing_after(lots=(*(large,) * 9, barely, large)).score == 3


def test_one_step_tighter() -> None:
    assert [one_step_tighter(aql=aql) for aql in AQLS] == [None, 0.65, 1.0, 1.5, 2.5, 4.0]
