"""The right answers of lesson 04, written differently."""

OTHERWISE: dict[str, object] = {}
