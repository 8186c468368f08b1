"""How well a check's signature tells which mode of damage it shows."""
