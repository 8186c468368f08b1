"""Q-Forge: score, certify and keep the proof of training data, in the notebook."""

__version__ = "0.1.0"
