"""How many different rows a table really holds, beside real data."""
