"""`python -m bot` is what the container runs."""

from bot.action import main

main()
