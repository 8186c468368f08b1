"""Structures of atoms, crystals above all: read, made canonical, hashed, predicted."""
