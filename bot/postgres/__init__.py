"""What PostgreSQL does, in plain Python and without a server."""
