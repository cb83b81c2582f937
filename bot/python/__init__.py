"""What a Python module would do is told from its text: it is parsed, and never imported."""
