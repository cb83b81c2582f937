"""PostgreSQL 14 to 18 run on this machine for the length of a test run."""
