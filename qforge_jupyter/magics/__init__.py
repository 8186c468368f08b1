"""``%qforge`` and ``%%qforge``: cell to call, call to value; IPython lives here."""
