"""With CI=true a skipped test is a failed test: on the machine that decides, nothing may be left out unseen."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping

import pytest


def nothing_may_be_skipped(environment: Mapping[str, str] = os.environ) -> bool:
    return environment.get("CI", "").lower() in ("true", "1")


def as_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure. Expected failures (xfail) are reported as skipped by pytest, but did run."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if nothing_may_be_skipped():
        as_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if nothing_may_be_skipped():
        as_failure(report)
    return report
