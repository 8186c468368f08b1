"""The verbs of the language: one file each, its ``run`` is the truth."""
