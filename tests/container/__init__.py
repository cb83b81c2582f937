"""The action's image is built from the Dockerfile and run as GitHub's runner runs it."""
