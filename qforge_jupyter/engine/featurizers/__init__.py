"""The featurizers: one file each, from an RDKit molecule to numbers.

A featurizer is a module with

- ``METHOD``: what it is called in a sentence, as in ``Morgan fingerprint``;
- ``Settings``: a frozen dataclass of what can be set, with defaults;
- ``columns(settings)``: names and types of what it gives: ``Float64`` for a
  number, an ``Array`` of fixed width for a fingerprint;
- ``maker(settings)``: a function that takes an RDKit molecule and gives one
  value a column: a float, None where the number could not be computed, or of a
  fingerprint the places that are not 0, as pairs of place and count.

To add a featurizer, add a file.
"""

from qforge_jupyter.registry import Family

FEATURIZERS = Family("featurizer", __name__)
