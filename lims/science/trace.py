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

from collections.abc import Callable, Mapping
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
        return isinstance(other, Step) and canonical(self.as_data()) == canonical(other.as_data())

    __hash__ = None  # type: ignore[assignment]  # inputs are mappings

    def as_data(self) -> dict[str, object]:
        return {
            "name": self.name,
            "operation": self.operation,
            "formula": self.formula,
            "inputs": encode(self.inputs),
            "value": encode(self.value),
            "unit": self.unit,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> "Step":
        inputs = decode(data["inputs"])
        assert isinstance(inputs, Mapping)  # noqa: S101 -- as_data wrote it
        return cls(
            str(data["name"]),
            str(data["operation"]),
            str(data["formula"]),
            inputs,
            decode(data["value"]),
            str(data["unit"]),
        )


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


def tracing(on: bool) -> Tracing:  # noqa: FBT001 -- the callers' own flag, passed through
    return Trace() if on else SILENT


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
