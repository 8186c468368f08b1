"""Work that goes on without its cell: who runs it, how it stops, when it is due."""

from qforge_jupyter.jobs.crew import Crew
from qforge_jupyter.jobs.running import Running

__all__ = ["Crew", "Running"]
