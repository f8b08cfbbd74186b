"""Index terms as TeX, for people who want to follow a proof."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .index_atoms import Applied, Delta, Indicator, Sum
from .index_binders import opened
from .index_powers import Function, Group
from .index_sizes import Index, Size, Var
from .index_symbols import Constant, Entry, Prime, SizeAtom
from .index_terms import Atom, Monomial, Poly

_LETTERS = {"n": "i j k l p q", "m": r"\mu \nu \rho", "N": r"\alpha \beta \gamma"}
_OTHER_LETTERS = r"\kappa \tau \sigma \omega"
_NAMES = {
    "eta": r"\eta",
    "v̇": r"\dot{v}",
    "ū": r"\bar{u}",
    "fraction": r"\varphi",
}
_FUNCTIONS = {
    "exp": r"\exp",
    "log": r"\ln",
    "sin": r"\sin",
    "cos": r"\cos",
    "tan": r"\tan",
    "atan": r"\arctan",
    "asin": r"\arcsin",
    "acos": r"\arccos",
}


def tex(p: Poly) -> str:
    """A polynomial in TeX."""
    if not p.terms:
        return "0"
    words = []
    for m, c in p.sorted():
        text = _term(m, abs(c))
        words.append((" - " if words else "-") + text if c < 0 else (" + " if words else "") + text)
    return "".join(words)


def _term(m: Monomial, c: Fraction) -> str:
    above, below = [], []
    for atom, e in sorted(m, key=lambda part: (_rank(part[0]), part[0].key)):
        (above if e > 0 else below).append(_raised(_atom(atom), atom, abs(e)))
    if c.numerator != 1 or not above:
        above.insert(0, str(c.numerator))
    if c.denominator != 1:
        below.insert(0, str(c.denominator))
    numerator = r"\,".join(above)
    denominator = r"\,".join(below)
    return rf"\frac{{{numerator}}}{{{denominator}}}" if below else numerator


def _rank(atom: Atom) -> int:
    order = (SizeAtom, Prime, Constant, Delta, Indicator, Entry, Function, Applied, Group, Sum)
    return order.index(type(atom)) if type(atom) in order else len(order)


def _raised(text: str, atom: Atom, e: Fraction) -> str:
    if e == 1:
        return text
    if e == Fraction(1, 2):
        inside = tex(atom.inside) if isinstance(atom, Group) else text
        return rf"\sqrt{{{inside}}}"
    if isinstance(atom, Sum | Applied | Function):
        text = rf"\left({text}\right)"
    return rf"{{{text}}}^{{{e}}}"


def _atom(atom: Atom) -> str:
    match atom:
        case SizeAtom():
            return atom.name
        case Constant():
            return {"π": r"\pi"}[atom.name]
        case Prime():
            return str(atom.number)
        case Entry():
            return _subscripted(_name(atom.tensor), atom.indices)
        case Delta():
            return _delta(atom.difference)
        case Indicator():
            return rf"\left[{tex(atom.inside)} > 0\right]"
        case Function():
            name = _FUNCTIONS.get(atom.name, rf"\operatorname{{{atom.name.replace(chr(95), chr(32))}}}")
            order = "".join(rf"_{{{n}}}" for n in atom.orders)
            return rf"{name}{order}\left({', '.join(map(tex, atom.insides))}\right)"
        case Group():
            return rf"\left({tex(atom.inside)}\right)"
        case Sum():
            names = _letters(atom.sizes, atom.body)
            body = opened(atom.body, names)
            return rf"\sum_{{{', '.join(name.name for name in names)}}} {tex(body)}"
        case Applied():
            return _applied(atom)
    return rf"\text{{{type(atom).__name__}}}"


def _name(tensor: str) -> str:
    base, _, block = tensor.partition("⟨")
    name = _NAMES.get(base, base if len(base) == 1 else rf"\mathit{{{base}}}")
    return rf"{{{name}}}^{{({block.rstrip('⟩')})}}" if block else name


def _subscripted(name: str, indices: Sequence[Index]) -> str:
    return f"{name}_{{{' '.join(map(_index, indices))}}}" if indices else name


def _index(index: Index) -> str:
    words = [("" if c == 1 else "-" if c == -1 else str(c)) + _variable(v) for v, c in index.parts]
    if index.const or not words:
        words.append(str(index.const))
    return "+".join(words).replace("+-", "-")


def _variable(v: object) -> str:
    assert isinstance(v, Var), "every binder is opened before it is written"
    return v.name if v.name != "·" else "?"


def _delta(difference: Index) -> str:
    left = Index({v: c for v, c in difference.parts if c > 0}, max(difference.const, 0))
    right = Index({v: -c for v, c in difference.parts if c < 0}, max(-difference.const, 0))
    return rf"\delta_{{{_index(left)} {_index(right)}}}"


def _letters(sizes: Sequence[Size], body: Poly) -> list[Var]:
    """Letters for bound indices that are not in use around them."""
    used = {v.name for v in body.free}
    found = []
    for size in sizes:
        letters = _LETTERS.get(size.names[0] if size.names else "", _OTHER_LETTERS).split()
        name = next((letter for letter in letters if letter not in used), f"i_{len(used)}")
        used.add(name)
        found.append(Var(name, size, f"_{name}{len(found)}"))
    return found


def _applied(atom: Applied) -> str:
    points = []
    for argument, binder in zip(atom.arguments, atom.binders, strict=True):
        names = _letters(binder, argument)
        body = opened(argument, names) if names else argument
        text = tex(body)
        points.append(rf"\left({text}\right)_{{{' '.join(v.name for v in names)}}}" if names else text)
    head = _subscripted(
        {"inv": "", "det": r"\det"}.get(atom.name, atom.name), atom.out if atom.kind != "inverse" else ()
    )
    marks = "".join(
        rf"\partial_{{{a + 1}{',' if at else ''}{' '.join(map(_index, at))}}}" for a, at in atom.derivatives
    )
    if atom.kind == "inverse":
        return rf"\left({points[0]}^{{-1}}\right)_{{{' '.join(map(_index, atom.out))}}}"
    return rf"{marks} {head}\left({', '.join(points)}\right)".strip()
