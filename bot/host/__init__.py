"""GitHub at the other end of the line; the only folder that knows PyGithub and requests."""
