"""The right answers of lesson 02, written differently."""

OTHERWISE: dict[str, object] = {}
