"""Numbers of several hundred digits (mpmath), for the definition of the derivative: how many digits, and which are right.

A context of its own: the precision that SymPy or anybody else sets in mpmath's global one does not matter here. Where a
function has no real value it is NaN. Choices at an exact tie are noted by their number, and can be imposed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
from mpmath import MPContext

from ..strategies.formats import is_floating
from .arrays import Algebra
from .constants import CONFIRMATION_DIGITS
from .elementary import FUNCTIONS, SEVERAL

MP: Any = MPContext()
"""The context in which all this is computed; its precision is set around every computation."""

STEPS = (1400, 4200, 9800)
"""The steps are 2 to the minus these, for inputs of magnitude 1: two that agree to 60 digits are taken. Already the
first, times a second derivative of any ordinary size, is 0 to 60 digits of the smallest number."""

SPECIAL_STEPS = (300, 500, 900, 1400, 1500)
"""The same where a special function is evaluated, of which a thousand digits take minutes. The first two will mostly agree;
where digits were lost beside larger values ``quotient`` notices, and the next are taken. Where the derivative is 0 only
the last two are both 0 to 60 digits of the smallest number."""

LEAST = MP.ldexp(1, -1074)
"""The smallest positive number of any format on trial: agreement to 60 of its digits is enough for a value near 0."""

_MULTIPLIED = 64
"""Binary magnitude up to which an integer exponent is a product."""
_LARGEST_ANGLE = 20_000
"""Binary magnitude up to which sin, cos and tan are reduced: the digits of π needed grow with it."""
_LARGEST_SPECIAL = 40
"""Binary magnitude up to which special functions are evaluated: most series take ever longer further out."""
_FAR = {"atan2", "betaln", "erfcx", "erfcx_slope", "hypot", "log_ndtr", "logaddexp", "logaddexp2", "logit", "polygamma"}
_FAR |= {"sinc_derivative", "spence", "spence_slope", "zeta"}
"""These are as cheap far out as anywhere."""
_LARGEST_EXPONENT = 4_000
"""Binary magnitude of an exponent: exp(2**4000) is still a number here, beyond it memory ends."""


class Number:
    """A real number of high precision, or NaN."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value if isinstance(value, MP.mpf) else MP.nan

    def __add__(self, other: Number) -> Number:
        return Number(self.value + other.value)

    def __sub__(self, other: Number) -> Number:
        return Number(self.value - other.value)

    def __mul__(self, other: Number) -> Number:
        return Number(self.value * other.value)

    def __truediv__(self, other: Number) -> Number:
        return Number(self.value / other.value if other.value else MP.nan)

    def __neg__(self) -> Number:
        return Number(-self.value)

    def __bool__(self) -> NoReturn:
        raise TypeError("a number of high precision has no truth value here")


@dataclass(frozen=True)
class Truth:
    """The truth of a predicate, and whether its two sides are equal."""

    state: bool
    tie: bool

    def __bool__(self) -> bool:
        return self.state


class MpmathAlgebra(Algebra):
    """The algebra of ``Number``. ``forced`` imposes the outcome of choices by their number.

    ``ties``: the choices met at an exact tie and the outcome that the convention gives them. ``jumped``: the two sides of
    one of them differ. ``special``: a special function was evaluated.
    """

    def __init__(self, forced: Mapping[int, bool] | None = None) -> None:
        self.forced = forced or {}
        self.choices = 0
        self.ties: dict[int, bool] = {}
        self.jumped = False
        self.special = False

    def lift(self, value: Any) -> Number:
        """A number, exactly."""
        if isinstance(value, Number):
            return value
        if isinstance(value, float) or (hasattr(value, "dtype") and is_floating(value.dtype)):
            return Number(MP.mpf(float(value)))
        if hasattr(value, "numerator") and not hasattr(value, "dtype"):
            return Number(MP.mpf(int(value.numerator)) / int(value.denominator))
        return Number(MP.mpf(int(value)))

    @property
    def pi(self) -> Number:
        """π."""
        return Number(+MP.pi)

    def call(self, name: str, *arguments: Any) -> Number:
        """A function of the table by mpmath; NaN where it has no real value or is beyond reach."""
        if name in SEVERAL or FUNCTIONS[name].mixed:
            return self._special(name, arguments)
        (x,) = arguments
        if not MP.isfinite(x.value):
            return Number(MP.nan)
        limit = _LARGEST_ANGLE if name in ("sin", "cos", "tan") else _LARGEST_EXPONENT
        if name not in ("log", "log1p", "sqrt", "atan") and x.value and MP.mag(x.value) > limit:
            return Number(MP.nan)
        found = FUNCTIONS[name].by_mpmath(MP, x.value)
        return Number(found if MP.isfinite(found) else MP.nan)

    def _special(self, name: str, arguments: Sequence[Any]) -> Number:
        self.special = True
        given = [a if isinstance(a, int) else self.lift(a).value for a in arguments]
        limit = _LARGEST_EXPONENT if name in _FAR else _LARGEST_SPECIAL
        if not all(MP.isfinite(a) and (not a or MP.mag(a) < limit) for a in given):
            return Number(MP.nan)
        try:
            found = (FUNCTIONS.get(name) or SEVERAL[name]).by_mpmath(MP, *given)
        except (ValueError, ZeroDivisionError, ArithmeticError):
            return Number(MP.nan)
        return Number(found if MP.isfinite(found) else MP.nan)

    def whole(self, x: Number) -> int | None:
        """The nearest integer."""
        return int(MP.nint(x.value)) if MP.isfinite(x.value) else None

    def power(self, x: Any, y: Any) -> Number:
        """x to the power y; 1 for y = 0, also at x = 0."""
        base, exponent = self.lift(x).value, self.lift(y).value
        if not (MP.isfinite(base) and MP.isfinite(exponent)) or (not base and exponent < 0):
            return Number(MP.nan)
        if base and exponent and MP.mag(exponent) + abs(MP.mag(base)).bit_length() > _LARGEST_EXPONENT:
            return Number(MP.nan)
        if MP.mag(exponent) > _MULTIPLIED and base > 0:
            # mpmath would square and multiply once for each of the exponent's bits.
            with MP.extraprec(MP.mag(exponent) + 64):
                return Number(MP.exp(exponent * MP.log(base)))
        return Number(base**exponent)

    def compare(self, kind: str, x: Any, y: Any) -> Truth:
        """x ``kind`` y; a tie has the difference 0."""
        a, b = self.lift(x).value, self.lift(y).value
        outcomes = {">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b, "==": a == b, "!=": a != b}
        return Truth(bool(outcomes[kind]), a == b)

    def select(self, predicate: Any, x: Callable[[], Any], y: Callable[[], Any]) -> Number:
        """The side that the predicate takes, or that is imposed."""
        a, b = self.lift(x()), self.lift(y())
        number, self.choices = self.choices, self.choices + 1
        state = self.forced.get(number, bool(predicate))
        if isinstance(predicate, Truth) and predicate.tie and a is not b:
            if a.value == b.value:
                self.ties[number] = state
            else:
                self.jumped = True
        return a if state else b


class Unknown(Exception):
    """The definition gives no value that is certain; the message says why."""


def limit(reach: int, quotients: Callable[[int], list[Any]], steps: Sequence[int] = STEPS) -> tuple[list[Any], int]:
    """Quotients at the first step that gives what the step before it gave, and to how many digits."""
    before: list[Any] | None = None
    best = 0
    for step in steps:
        with MP.workprec(precision(step, reach)):
            try:
                found = quotients(scaled(step, reach))
            except Unknown:
                if step == steps[-1]:
                    raise
                continue
            if before is not None:
                best = min((digits_of(a, b) for a, b in zip(before, found, strict=True)), default=0)
                if best >= CONFIRMATION_DIGITS:
                    return found, best
            before = found
    raise Unknown(f"only {best} digits of the definition are certain")


def quotient(after: Any, before: Any, h: Any) -> Any:
    """(after − before) / h. Raises Unknown where the values are so large that their last bits hide 60 digits of it.

    Beside e⁵⁰⁰⁰ a term of ordinary size is below the last bit, and the difference would be 0 with all digits certain.
    """
    found = (after - before) / h
    last_bits = MP.ldexp(max(abs(after), abs(before)), 8 - MP.prec) / h
    if not same(found + last_bits, found):
        raise Unknown("the values are too large for the working precision")
    return found


def scaled(step: int, reach: int) -> int:
    """The step in bits for inputs of magnitudes up to 2^±reach: below every distance between products of two of them."""
    return step + 3 * reach


def precision(step: int, reach: int) -> int:
    """Bits for such a step: with values up to the tenth power of the inputs, ``step`` bits of a quotient near 1 are right."""
    return 2 * step + 13 * reach + 500


def reach_of(arrays: Iterable[np.ndarray]) -> int:
    """The largest binary exponent, of either sign, among the numbers that are not 0."""
    return size(MP.mpf(float(x)) for array in arrays for x in np.asarray(array, np.float64).reshape(-1))


def size(numbers: Iterable[Any]) -> int:
    """The largest binary exponent, of either sign, among numbers that are finite and not 0."""
    return max((abs(int(MP.mag(x))) for x in numbers if x and MP.isfinite(x)), default=0)


def digits_of(a: Any, b: Any, terms: Sequence[Any] = ()) -> int:
    """The number of decimal digits to which a and b agree, at most 999."""
    if a == b:
        return 999
    largest = max(abs(x) for x in (a, b, LEAST, *terms))
    # Exponents of mpmath are integers of any size: e to the power −10³⁰⁸ has one that no float holds.
    bits = min(10_000, MP.mag(largest) - MP.mag(a - b) - 1)
    return min(999, int(max(0, bits) * math.log10(2)))


def same(a: Any, b: Any, terms: Sequence[Any] = ()) -> bool:
    """Whether a and b agree to 60 digits of the largest of a, b and ``terms``."""
    return digits_of(a, b, terms) >= CONFIRMATION_DIGITS


def decimal(x: Any, digits: int = CONFIRMATION_DIGITS) -> str:
    """A number in decimal digits; 0 for what is 0 to 60 digits of the smallest number.

    Rounded first: mpmath writes out all bits of what is near 0 and fails at 4300 digits.
    """
    with MP.workprec(4 * digits + 64):
        return "0.0" if same(x, MP.mpf(0)) else MP.nstr(+x, digits)
