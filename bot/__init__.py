"""pg-lockstep reviews the migrations of a pull request."""

__version__ = "0.1.0"
HOME = "https://github.com/pg-lockstep/pg-lockstep"
