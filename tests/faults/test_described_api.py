"""openapi.yaml tells the whole truth: every answer is one that it describes, and none is an error of ours.

Schemathesis makes the requests from the description, right ones and wrong ones; ids that it makes up are replaced by
real ones as often as not, so that what lies behind is reached. The same requests on every run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.api.conftest import Program, app_password, application
from tests.api.ground import Ground
from tests.parts.faults import share
from tests.parts.worlds import embedded_stack
from tests.world import World
from workspace.api import openapi

CASES = share(1000, 5000)
LOADED = schemathesis.openapi.from_dict(openapi.document())
OPERATIONS = {one.ok().label: one.ok() for one in LOADED.get_all_operations()}
EACH = -(-CASES // len(OPERATIONS))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
ID = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One instance for all operations: what one of them leaves behind, the next one meets."""
    folder: Path = tmp_path_factory.mktemp("described")
    world = World(folder, embedded_stack(folder))
    app = application(world)
    yield Ground(world, lambda who: Program(app, app_password(world, who)))
    world.close()


def with_real_ids(value: Any, draw: Any, ids: list[str]) -> Any:
    """The same with some of its ids replaced."""
    if isinstance(value, dict):
        return {name: with_real_ids(one, draw, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [with_real_ids(one, draw, ids) for one in value]
    if isinstance(value, str) and ID.fullmatch(value):
        return draw(st.sampled_from([value, *ids]))
    return value


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_described_and_none_is_an_error_of_ours(ground: Ground, label: str) -> None:
    operation = OPERATIONS[label]
    ground.renew()

    @settings(
        max_examples=EACH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        for name in case.path_parameters:
            known = ground.known.get(name, ground.ids)
            case.path_parameters[name] = data.draw(st.sampled_from([*known, *known, case.path_parameters[name]]))
        case.body = with_real_ids(case.body, data.draw, ground.ids)
        answer = case.call(app=ground.program.app, headers={"Authorization": f"Bearer {ground.program.secret}"})
        case.validate_response(answer, checks=CHECKS)

    run()
