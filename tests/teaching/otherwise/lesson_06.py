"""The right answers of lesson 06, written differently."""

OTHERWISE: dict[str, object] = {}
