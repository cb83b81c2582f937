"""What Alembic sends for what a revision says, and how a revision says something else."""
