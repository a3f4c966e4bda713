"""The right answers of lesson 00, written differently."""

OTHERWISE: dict[str, object] = {}
