"""The databases a store can lie in, one file each."""
