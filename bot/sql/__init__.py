"""Text to operations and back; the only folder that knows pglast."""
