"""What a Django migration asks of PostgreSQL, as far as its text and those before it tell."""
