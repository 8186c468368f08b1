"""Fixes for a candidate, each tried on rows that it has not seen."""
