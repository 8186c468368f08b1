"""The collapse check: whether a candidate is fit to be trained on in place of a reference."""
