"""The right answers of lesson 05, written differently."""

OTHERWISE: dict[str, object] = {}
