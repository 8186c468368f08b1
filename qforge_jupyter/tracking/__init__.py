"""Trackers show what the store keeps: one file each."""
