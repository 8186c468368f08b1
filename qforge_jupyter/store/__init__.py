"""The SQL store and its objects; SQLAlchemy is imported here and nowhere else."""
