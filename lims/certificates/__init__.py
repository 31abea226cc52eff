"""What is certified: the content, its page, the signatures on it, and the check of both."""
