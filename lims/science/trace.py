"""How a number came about: steps as data, which compute again what they recorded.

A step names an *operation*, a small pure function with a formula, the inputs it was given
and the unrounded value it returned. Calling the operation again with the same inputs must
give the same value: that is what `recompute` checks.

    @operation("N = ΣC / Σm")
    def density(total: int, amount: float) -> float:
        return total / amount

    trace = Trace()
    n = trace.step("density", "CFU/g", density, total=537, amount=0.022)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Generic, ParamSpec, Protocol, TypeVar

from lims.science.errors import ScienceError
from lims.science.plain import Plain, canonical, decode, encode

P = ParamSpec("P")
T = TypeVar("T")

_PACKAGE = "lims.science."


class UnknownOperation(ScienceError):
    def __init__(self, name: str) -> None:
        super().__init__(f"The step names the operation “{name}”, which does not exist.")


@dataclass(frozen=True, slots=True)
class Operation(Generic[P, T]):
    """A named piece of arithmetic with its formula; called like the function it wraps."""

    name: str
    formula: str
    function: Callable[P, T]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.function(*args, **kwargs)


def operation(formula: str) -> Callable[[Callable[P, T]], Operation[P, T]]:
    """Make a module-level function of `lims.science` an operation that a trace can name."""

    def wrap(function: Callable[P, T]) -> Operation[P, T]:
        module = function.__module__.removeprefix(_PACKAGE)
        return Operation(f"{module}:{function.__name__}", formula, function)

    return wrap


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step: `inputs` and `value` are unrounded and plain data (numpy arrays count)."""

    name: str
    operation: str
    formula: str
    inputs: Mapping[str, object]
    value: object
    unit: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Step) and as_data((self,)) == as_data((other,))

    __hash__ = None  # type: ignore[assignment]  # inputs are mappings


_WORTH_A_REFERENCE = 64  # characters; shorter values are clearer written out


def as_data(steps: Sequence[Step]) -> list[object]:
    """Steps as JSON-ready data.

    A long value that an earlier step already holds is written once and then referred to, as
    `{"$same_as": [step number, "value" or the name of the input]}`: a curve passes through many
    steps, and the reference shows that it is the same curve.
    """
    seen: dict[str, object] = {}
    return [_step_data(at, step, seen) for at, step in enumerate(steps)]


def _step_data(at: int, step: Step, seen: dict[str, object]) -> dict[str, object]:
    inputs = {name: _once(value, [at, name], seen) for name, value in step.inputs.items()}
    return {
        "name": step.name,
        "operation": step.operation,
        "formula": step.formula,
        "inputs": inputs,
        "value": _once(step.value, [at, "value"], seen),
        "unit": step.unit,
    }


def _once(value: object, place: list[object], seen: dict[str, object]) -> object:
    data = encode(value)
    if not isinstance(data, list | dict):
        return data
    text = canonical(data)
    if len(text) < _WORTH_A_REFERENCE:
        return data
    if text in seen:
        return {"$same_as": seen[text]}
    seen[text] = place
    return data


def from_data(data: Sequence[Mapping[str, object]]) -> tuple[Step, ...]:
    """The inverse of `as_data`."""
    steps: list[Step] = []
    for each in data:
        inputs: dict[str, object] = {}
        given = each["inputs"]
        assert isinstance(given, Mapping)  # noqa: S101 -- as_data wrote it
        for name, value in given.items():
            inputs[name] = _resolved(value, steps, inputs)
        steps.append(
            Step(
                str(each["name"]),
                str(each["operation"]),
                str(each["formula"]),
                inputs,
                _resolved(each["value"], steps, inputs),
                str(each["unit"]),
            )
        )
    return tuple(steps)


def _resolved(value: object, steps: Sequence[Step], inputs: Mapping[str, object]) -> object:
    if not isinstance(value, dict) or "$same_as" not in value:
        return decode(value)
    at, name = value["$same_as"]
    if at == len(steps):
        return inputs[name]
    return steps[at].value if name == "value" else steps[at].inputs[name]


class Tracing(Protocol):
    """What a calculation is handed: `Trace` records, `SILENT` only computes."""

    def step(
        self, name: str, unit: str, what: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T: ...

    def keep(
        self, name: str, unit: str, what: Operation[P, T], value: T, inputs: Mapping[str, object]
    ) -> None: ...

    @property
    def steps(self) -> tuple[Step, ...]: ...


class Trace:
    """Computes and records. Give every operation its inputs by keyword: the names are kept."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def step(
        self, name: str, unit: str, what: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        assert not args, "a trace keeps inputs by name"  # noqa: S101
        value = what.function(*args, **kwargs)
        self._steps.append(Step(name, what.name, what.formula, kwargs, value, unit))
        return value

    def keep(
        self, name: str, unit: str, what: Operation[P, T], value: T, inputs: Mapping[str, object]
    ) -> None:
        """Record a value that came out of one computation over many rows, with its own rows.

        `recompute` holds it to the promise: `what` on `inputs` must give exactly `value`.
        """
        self._steps.append(Step(name, what.name, what.formula, inputs, value, unit))

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(self._steps)


class _Silent:
    """Computes without recording, for bulk use."""

    steps: tuple[Step, ...] = ()

    def step(
        self, _name: str, _unit: str, what: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return what.function(*args, **kwargs)

    def keep(
        self, name: str, unit: str, what: Operation[P, T], value: T, inputs: Mapping[str, object]
    ) -> None:
        pass


SILENT: Tracing = _Silent()


_WATCHED: ContextVar[Trace | None] = ContextVar("watched", default=None)


def tracing(on: bool) -> Tracing:  # noqa: FBT001 -- the callers' own flag, passed through
    watched = _WATCHED.get()
    if watched is not None:
        return watched
    return Trace() if on else SILENT


@contextmanager
def watching() -> Iterator[Trace]:
    """Gather every step of the calculations inside, whether they trace or not: to document them."""
    trace = Trace()
    token = _WATCHED.set(trace)
    try:
        yield trace
    finally:
        _WATCHED.reset(token)


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that no longer gives what it recorded."""

    step: str
    recorded: Plain
    recomputed: Plain


def recompute(steps: tuple[Step, ...]) -> tuple[Difference, ...]:
    """Run every step again from its own inputs; empty when each gives exactly its value."""
    return tuple(found for step in steps if (found := _difference(step)) is not None)


def _difference(step: Step) -> Difference | None:
    again = _operation(step.operation).function(**step.inputs)
    if canonical(again) == canonical(step.value):
        return None
    return Difference(step.name, decode(encode(step.value)), decode(encode(again)))


def _operation(name: str) -> Operation[..., object]:
    module, _, function = name.partition(":")
    if not function or not module.replace("_", "").replace(".", "").isalnum():
        raise UnknownOperation(name)
    try:
        found = getattr(import_module(_PACKAGE + module), function, None)
    except ModuleNotFoundError as error:
        raise UnknownOperation(name) from error
    if not isinstance(found, Operation):
        raise UnknownOperation(name)
    return found
