"""What a workspace keeps: SQLAlchemy lives here and nowhere else."""

from qforge_jupyter.store.opening import Store, open_store

__all__ = ["Store", "open_store"]
