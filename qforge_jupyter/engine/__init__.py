"""Pure work: case in, record out. No disk, clock, notebook or network here."""
