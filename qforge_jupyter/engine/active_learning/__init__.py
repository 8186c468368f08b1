"""Which rows to label next, and which labels are probably wrong: pure, by a model of its own."""
