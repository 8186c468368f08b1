"""What every page is made of, and who draws it as text or HTML."""
