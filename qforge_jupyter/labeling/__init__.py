"""Labeling: what is asked, of which rows, by whom; every answer is kept before the next."""
