"""File formats: one file each, found by content."""
