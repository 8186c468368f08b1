"""Versions of datasets: commits, diffs and merges over the store and its objects."""
