"""The right answers of lesson 03, written differently."""

OTHERWISE = {"3.1": lambda M, b: sum(float(value) for row in M for value in row) / M.size + b}
