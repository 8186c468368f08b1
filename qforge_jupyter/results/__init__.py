"""The frozen records that travel between layers, one file for each kind."""
