"""What training on a candidate would cost: small models first, larger ones where it is unclear."""
