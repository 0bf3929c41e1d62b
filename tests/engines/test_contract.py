"""Every engine keeps the house's contract: named source, published ports, inputs left as they were."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import pickle
import pkgutil
from types import ModuleType

import pytest

from xiuhua import engines

ENGINES = [importlib.import_module(f"xiuhua.engines.{found.name}") for found in pkgutil.iter_modules(engines.__path__)]
CALLS = [pytest.param(engine, call, id=f"{engine.__name__}.{call}") for engine in ENGINES for call in engine.INPUTS]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.__name__)
def test_names_its_source_and_publishes_ports(engine: ModuleType) -> None:
    assert "Source:" in (engine.__doc__ or "")
    assert engine.INPUTS.keys() == engine.OUTPUTS.keys()
    assert engine.INPUTS
    for ports in (*engine.INPUTS.values(), *engine.OUTPUTS.values()):
        for port in ports:
            assert port.meaning.zh and port.meaning.en
            assert port.shape.startswith("(") and port.shape.endswith(")")


@pytest.mark.parametrize(("engine", "call"), CALLS)
def test_leaves_inputs_unchanged_and_returns_what_it_publishes(engine: ModuleType, call: str) -> None:
    inputs = {port.name: copy.deepcopy(port.example) for port in engine.INPUTS[call]}
    before = pickle.dumps(inputs)
    result = getattr(engine, call)(**inputs)
    assert pickle.dumps(inputs) == before
    named = [port.name for port in engine.OUTPUTS[call]]
    if dataclasses.is_dataclass(result):
        assert named == [field.name for field in dataclasses.fields(result)]
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, named[0], None)
    elif named != ["result"]:
        assert isinstance(result, tuple)
        assert len(named) == len(result)


@pytest.mark.parametrize(("engine", "call"), CALLS)
def test_optional_inputs_may_be_left_out_and_a_second_call_gives_the_same(engine: ModuleType, call: str) -> None:
    needed = {port.name: copy.deepcopy(port.example) for port in engine.INPUTS[call] if not port.optional}
    first = pickle.dumps(getattr(engine, call)(**needed))
    assert pickle.dumps(getattr(engine, call)(**needed)) == first
