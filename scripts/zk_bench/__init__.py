"""What scripts/bench needs to measure captures; Python's standard library alone."""
