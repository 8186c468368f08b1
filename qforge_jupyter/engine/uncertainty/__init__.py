"""Intervals and errors: bootstrap, proportions, ratios of sums, propagation."""
