"""With CI=true nothing is skipped unseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.tree import ROOT

BODY_SKIP = "import pytest\ndef test_a():\n    pytest.skip('no browser here')\n"
MARK_SKIP = "import pytest\n@pytest.mark.skip\ndef test_a():\n    pass\n"
FILE_SKIP = "import pytest\npytest.importorskip('no_such_package')\ndef test_a():\n    pass\n"
EXPECTED_FAILURE = "import pytest\n@pytest.mark.xfail\ndef test_a():\n    assert False\n"


def exit_code(folder: Path, text: str, ci: str) -> int:
    (folder / "test_one.py").write_text(text, encoding="utf-8")
    code = f"import sys, pytest; sys.path.insert(0, {str(ROOT)!r}); sys.exit(pytest.main(sys.argv[1:]))"
    options = ["-q", "-p", "tests.parts.noskip", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    command = [sys.executable, "-c", code, *options, "test_one.py"]
    return subprocess.run(command, cwd=folder, env={"CI": ci}, capture_output=True, check=False).returncode


@pytest.mark.parametrize("text", [BODY_SKIP, MARK_SKIP, FILE_SKIP], ids=["in the test", "by a mark", "a whole file"])
def test_a_skip_fails_where_the_machine_decides(tmp_path: Path, text: str) -> None:
    assert exit_code(tmp_path, text, ci="true") != 0


def test_a_skip_is_allowed_elsewhere(tmp_path: Path) -> None:
    assert exit_code(tmp_path, BODY_SKIP, ci="") == 0


def test_an_expected_failure_did_run_and_passes(tmp_path: Path) -> None:
    assert exit_code(tmp_path, EXPECTED_FAILURE, ci="true") == 0


def test_this_suite_has_the_plugin(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin("tests.parts.noskip")
