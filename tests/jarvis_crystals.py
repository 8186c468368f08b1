"""Fifty real crystals with the band gaps that DFT gives them."""

import json
from pathlib import Path

import polars as pl

FILE = Path(__file__).parent / "data" / "jarvis" / "crystals.jsonl"


def crystals():
    """Give ``id``, ``band_gap`` (eV, OptB88vdW) and ``poscar``."""
    return pl.DataFrame([json.loads(line) for line in FILE.read_text().splitlines()])
