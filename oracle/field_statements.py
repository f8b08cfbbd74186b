"""What is compared at a point: for a rule its closed form with the derivative of the function, for a law both sides.

A statement is written once for both worlds (``field_worlds``). It returns where it holds at the point, and raises Differs
where two numbers differ, Refuted where the closed form is no operator of the right shapes, Redraw where the point is
not in the domain, Unmet where a hypothesis does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..identities import Equal, Holds, Identity, Law, Rule
from ..identities.operators import Operator, indices
from ..strategies.domains import reals
from ..strategies.functions import Section, domains_of
from ..strategies.shapes import Assignment, note_shapes, shape_of
from ..strategies.specs import ArrayInput, FunctionInput
from .arrays import Array
from .field import Unsupported
from .field_numbers import Redraw, ZeroDivisor
from .field_worlds import DefinedFunction, World, WorldDerivation

Statement = Callable[[World], None]


class Refuted(Exception):
    """The statement is wrong at every point; the message says how."""


class UndefinedForm(ZeroDivisor):
    """A closed form divides by 0 where the function itself is defined."""


def of_rule(rule: Rule, assignment: Assignment, name: str, partial: Callable[..., Operator]) -> Statement:
    """``partial`` is the derivative of the rule by its argument ``name``."""

    def statement(world: World) -> None:
        xp = world.xp
        arguments = _arguments(world, rule, assignment, {})
        x = arguments[name]
        v = world.variable(x.shape, reals)
        truth = world.along(lambda t: rule(xp, *{**arguments, name: t}.values()), [x], [v])
        u = world.variable(truth.shape, reals)
        what = f"∂/∂{name}"
        with _closed_form():
            operator = partial(xp, *arguments.values())
            if not isinstance(operator, Operator):
                raise Refuted(f"a {type(operator).__name__} is no operator")
            _same_shape(operator.in_shape, x.shape, "the input of the operator")
            _same_shape(operator.out_shape, truth.shape, "the output of the operator")
            forward, backward = xp.asarray(operator.matvec(xp, v)), xp.asarray(operator.rmatvec(xp, u))
            _same_shape(forward.shape, truth.shape, "matvec")
            _same_shape(backward.shape, x.shape, "rmatvec")
            rows = _rows(world, operator, v)
        world.compare(forward, truth, f"{what}, matvec")
        world.compare(rows, truth, f"{what}, the entries of row")
        world.compare(xp.sum(backward * v), xp.sum(u * truth), f"{what}, rmatvec")

    return statement


def _rows(world: World, operator: Operator, v: Array) -> Array:
    """Every row of entries of an operator times v."""
    xp, found = world.xp, []
    for i in indices(operator.out_shape):
        terms = []
        for j, t in zip(indices(operator.in_shape), v.flat(), strict=True):
            entry = xp.asarray(operator.entry(i, j))
            _same_shape(entry.shape, (), "an entry")
            terms.append(entry.item() * t)
        found.append(xp.algebra.sum(terms))
    return xp.wrap(found, operator.out_shape)


@contextmanager
def _closed_form() -> Iterator[None]:
    """Where the function itself is defined its closed form is too, and does not fail."""
    try:
        yield
    except ZeroDivisor as error:
        raise UndefinedForm(f"the closed form makes {error}") from error
    except (Redraw, Unsupported, Refuted, MemoryError, RecursionError):
        raise
    except Exception as error:
        raise Refuted(f"the closed form raises {type(error).__name__}: {error}") from error


def of_law(law: Law, assignment: Assignment, functions: Mapping[str, Section]) -> Statement:
    """The claims of a law about these functions."""

    def statement(world: World) -> None:
        given = _arguments(world, law, assignment, functions)
        given |= {name: _bind(world, section) for name, section in functions.items()}
        found = law.function(WorldDerivation(world), *(given[name] for name in law.inputs))
        claims = found if isinstance(found, tuple) else (found,)
        for number, claim in enumerate(claims, 1):
            _claim(world, claim, f"claim {number}" if len(claims) > 1 else "the claim")

    return statement


def _claim(world: World, claim: Equal | Holds, what: str) -> None:
    if isinstance(claim, Holds):
        if not claim.true:
            raise Refuted(f"{what}: {claim.what}")
        return
    xp, left, right = world.xp, claim.left, claim.right
    if not isinstance(left, Operator):
        left, right = xp.asarray(left), xp.asarray(right)
        _same_shape(right.shape, left.shape, f"{what}: the right side")
        world.compare(left, right, f"{what}, element")
        return
    if not isinstance(right, Operator):
        raise Refuted(f"{what}: a {type(right).__name__} is no operator")
    _same_shape(right.in_shape, left.in_shape, f"{what}: the input of the right side")
    _same_shape(right.out_shape, left.out_shape, f"{what}: the output of the right side")
    for vector, shape, product in (
        ("matvec", left.in_shape, left.out_shape),
        ("rmatvec", left.out_shape, left.in_shape),
    ):
        given = world.variable(shape, reals)
        sides = [xp.asarray(getattr(side, vector)(xp, given)) for side in (left, right)]
        for side in sides:
            _same_shape(side.shape, product, f"{what}, {vector}")
        world.compare(sides[0], sides[1], f"{what}, {vector}")


def _same_shape(found: tuple[int, ...], wanted: tuple[int, ...], what: str) -> None:
    if tuple(found) != tuple(wanted):
        raise Refuted(f"{what} has shape {found}, not {wanted}")


def _arguments(
    world: World, identity: Identity, assignment: Assignment, functions: Mapping[str, Section]
) -> dict[str, Any]:
    """Random arrays and the static values of the task, in the order of the inputs."""
    known = note_shapes(identity.inputs, assignment)
    domains = domains_of(identity.inputs, functions)
    return {
        name: world.variable(shape_of(spec, known), domains[name]) if isinstance(spec, ArrayInput) else known[name]
        for name, spec in identity.inputs.items()
        if not isinstance(spec, FunctionInput)
    }


def _bind(world: World, section: Section) -> DefinedFunction:
    """A drawn function with random numbers for the arrays among its fixed arguments."""
    fixed = {
        k: world.variable(value.shape, section.rule.inputs[k].domain) if hasattr(value, "shape") else value
        for k, value in section.fixed.items()
    }
    return DefinedFunction(world, Section(section.rule, section.free, fixed))
