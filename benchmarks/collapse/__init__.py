"""The proof of the collapse check: real tables, graded damage, fair negatives, rivals."""
