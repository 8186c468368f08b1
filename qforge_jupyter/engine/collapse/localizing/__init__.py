"""Which rows, columns and regions of a candidate carry its damage."""
