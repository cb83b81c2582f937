"""What there is to say meets what was said before; both are plain data."""
