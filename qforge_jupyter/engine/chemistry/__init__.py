"""Molecules: read from what people have, calculated, and compared with experiment."""
