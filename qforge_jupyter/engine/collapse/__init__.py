"""The collapse check: is synthetic data fit to train on, and if not, where is the damage."""
