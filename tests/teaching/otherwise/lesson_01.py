"""The right answers of lesson 01, written differently."""

OTHERWISE: dict[str, object] = {}
