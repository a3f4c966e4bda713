"""Live figures: thin layers of ipywidgets over functions that return a figure."""
