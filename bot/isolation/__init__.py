"""Strangers' SQL is parsed in a process that holds no token and can reach nothing."""
