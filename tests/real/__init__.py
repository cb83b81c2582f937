"""One command that exercises the action on a repository of the real GitHub, or of the stand-in."""
