"""Tests of the methods run line by line, because tiny networks take far longer to compile than to compute.

`test_contract.py` shows that this changes nothing. Tests that count tracings, measure memory or run a real network are
marked as ``compiled``.
"""

from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "compiled: run the methods compiled, as a user does.")


@pytest.fixture(autouse=True)
def line_by_line(request: pytest.FixtureRequest) -> Iterator[None]:
    """Methods run line by line here, except in tests that are marked as ``compiled``."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(request.node.get_closest_marker("compiled") is None)
    yield
    tf.config.run_functions_eagerly(False)
