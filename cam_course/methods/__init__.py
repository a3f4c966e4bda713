"""One file a method; every one of them returns an Explanation."""

from .. import quiet_tensorflow  # noqa: F401
