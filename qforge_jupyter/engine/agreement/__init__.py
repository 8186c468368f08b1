"""How far labelers agree, and what they say together (G6)."""
