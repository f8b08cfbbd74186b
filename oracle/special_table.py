"""The table of special functions of one variable, in the shape of ``elementary.FUNCTIONS``.

Where the usual formula for a derivative cancels, the derivative is a function of its own here, computed without loss;
the usual formula is then an equal form of the entry in the catalogue, and the ``lossy`` rule of the function.
Derivatives: DLMF 5.2, 5.9, 7.10, 8.8, 10.6, 10.29.
"""

from __future__ import annotations

from typing import Any

from flint import arb

from . import special, special_digits
from .table import Elementary


def _two_over_root_pi(A: Any) -> Any:
    return A.divide(A.two, A.call("sqrt", A.pi))


def _bell(A: Any, x: Any) -> Any:
    """2/√π·exp(−x²)."""
    return A.multiply(_two_over_root_pi(A), A.call("exp", -A.multiply(x, x)))


def _half_root_pi_exp(A: Any, y: Any) -> Any:
    return A.multiply(A.divide(A.call("sqrt", A.pi), A.two), A.call("exp", A.multiply(y, y)))


def _half_square(A: Any, x: Any) -> Any:
    return A.divide(A.multiply(x, x), A.two)


def _log_root_two_pi(A: Any) -> Any:
    return A.divide(A.call("log", A.multiply(A.two, A.pi)), A.two)


def _ln2(A: Any) -> Any:
    return A.call("log", A.two)


SPECIAL: dict[str, Elementary] = {
    "exp2": Elementary(
        lambda x: (x * arb.const_log2()).exp(),
        lambda s, x: s.Integer(2) ** x,
        lambda mp, x: mp.mpf(2) ** x,
        lambda A, x, y: A.multiply(y, _ln2(A)),
    ),
    "log2": Elementary(
        lambda x: x.log() / arb.const_log2(),
        lambda s, x: s.log(x) / s.log(2),
        lambda mp, x: mp.log(x) / mp.log(2),
        lambda A, x, y: A.divide(A.one, A.multiply(x, _ln2(A))),
    ),
    "log10": Elementary(
        lambda x: x.log() / arb.const_log10(),
        lambda s, x: s.log(x) / s.log(10),
        lambda mp, x: mp.log(x) / mp.log(10),
        lambda A, x, y: A.divide(A.one, A.multiply(x, A.call("log", A.number(10)))),
    ),
    "cbrt": Elementary(
        special.cbrt,
        "",
        special_digits.cbrt,
        lambda A, x, y: A.divide(A.one, A.multiply(A.number(3), A.multiply(y, y))),
    ),
    "erf": Elementary("erf", "erf", "erf", lambda A, x, y: _bell(A, x), True),
    "erfc": Elementary("erfc", "erfc", "erfc", lambda A, x, y: -_bell(A, x), True),
    "erfcx": Elementary(
        special.erfcx,
        lambda s, x: s.exp(x**2) * s.erfc(x),
        special_digits.erfcx,
        lambda A, x, y: A.call("erfcx_slope", x),
        True,
        lossy=lambda A, x, y: A.subtract(A.multiply(A.multiply(A.two, x), y), _two_over_root_pi(A)),
    ),
    "erfcx_slope": Elementary(
        special.erfcx_slope,
        lambda s, x: 2 * x * s.exp(x**2) * s.erfc(x) - 2 / s.sqrt(s.pi),
        special_digits.erfcx_slope,
        lambda A, x, y: A.multiply(A.two, A.add(A.call("erfcx", x), A.multiply(x, y))),
        True,
    ),
    "erfinv": Elementary("erfinv", "erfinv", "erfinv", lambda A, x, y: _half_root_pi_exp(A, y), True),
    "erfcinv": Elementary("erfcinv", "erfcinv", special_digits.erfcinv, lambda A, x, y: -_half_root_pi_exp(A, y), True),
    "gamma": Elementary("gamma", "gamma", "gamma", lambda A, x, y: A.multiply(y, A.call("polygamma", 0, x)), True),
    "gammaln": Elementary(
        special.gammaln, "loggamma", special_digits.gammaln, lambda A, x, y: A.call("polygamma", 0, x), True
    ),
    "expit": Elementary(
        special.expit,
        lambda s, x: 1 / (1 + s.exp(-x)),
        special_digits.expit,
        lambda A, x, y: A.multiply(y, A.subtract(A.one, y)),
    ),
    "softplus": Elementary(
        special.softplus,
        lambda s, x: s.log(1 + s.exp(x)),
        special_digits.softplus,
        lambda A, x, y: A.call("expit", x),
    ),
    "logit": Elementary(
        special.logit,
        lambda s, x: s.log(x / (1 - x)),
        special_digits.logit,
        lambda A, x, y: A.divide(A.one, A.multiply(x, A.subtract(A.one, x))),
        True,
    ),
    "ndtr": Elementary(
        special.ndtr,
        lambda s, x: s.erfc(-x / s.sqrt(2)) / 2,
        special_digits.ndtr,
        lambda A, x, y: A.call("exp", -A.add(_half_square(A, x), _log_root_two_pi(A))),
        True,
    ),
    "log_ndtr": Elementary(
        special.log_ndtr,
        lambda s, x: s.log(s.erfc(-x / s.sqrt(2)) / 2),
        special_digits.log_ndtr,
        lambda A, x, y: A.call("log_ndtr_slope", x),
        True,
        lossy=lambda A, x, y: A.call("exp", -A.add(A.add(_half_square(A, x), _log_root_two_pi(A)), y)),
    ),
    "log_ndtr_slope": Elementary(
        special.log_ndtr_slope,
        lambda s, x: s.sqrt(2 / s.pi) * s.exp(-(x**2) / 2) / s.erfc(-x / s.sqrt(2)),
        special_digits.log_ndtr_slope,
        lambda A, x, y: -A.multiply(y, A.add(x, y)),
        True,
    ),
    "ndtri": Elementary(
        special.ndtri,
        lambda s, p: -s.sqrt(2) * s.erfcinv(2 * p),
        special_digits.ndtri,
        lambda A, x, y: A.call("exp", A.add(_half_square(A, y), _log_root_two_pi(A))),
        True,
    ),
    "lambertw": Elementary(
        "lambertw",
        "",
        special_digits.lambertw,
        lambda A, x, y: A.divide(A.call("exp", -y), A.add(A.one, y)),
        True,
    ),
    "spence": Elementary(special.spence, "", special_digits.spence, lambda A, x, y: A.call("spence_slope", x), True),
    "spence_slope": Elementary(
        special.spence_slope,
        lambda s, z: s.log(z) / (1 - z),
        special_digits.spence_slope,
        lambda A, x, y: A.divide(A.add(A.divide(A.one, x), y), A.subtract(A.one, x)),
        True,
    ),
}
