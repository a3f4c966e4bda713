"""Live figures: thin layers of anywidget over figures that are drawn once and then given other data."""
