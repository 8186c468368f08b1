"""A result described once as blocks, drawn as text, page, charts or JSON."""
