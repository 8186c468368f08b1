"""Twenty families of damage, a file each kind, every one in three strengths."""
