"""Benchmarks: those of speed run by pytest, that of the collapse check by ``python -m``."""
