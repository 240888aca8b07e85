"""What every test may use: the real parts. Fixtures of one room stand beside its tests."""

pytest_plugins = [
    "tests.parts.noskip",
    "tests.parts.services",
    "tests.parts.faults",
    "tests.parts.postgres",
    "tests.parts.seaweed",
    "tests.parts.worlds",
    "tests.parts.browser",
    "tests.parts.instances",
]
