"""What a review says, in Markdown, and where on the pull request it says it."""
