"""The rule language: Python's own syntax over columns, compiled to Polars."""
