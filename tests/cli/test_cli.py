"""The command line as a whole."""

import pytest
from course import cam_course


@pytest.mark.parametrize("arguments", [[], ["train"]])
def test_without_a_command_the_help_is_shown(arguments: list[str]) -> None:
    assert "Usage" in (done := cam_course(*arguments)).stdout + done.stderr
