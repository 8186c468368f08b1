"""The dimensions of quality: one file each, one function ``measure`` each."""
