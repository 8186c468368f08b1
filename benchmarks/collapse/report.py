"""The report."""


def report(rows):
    return str(rows)
