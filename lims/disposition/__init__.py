"""What QA decides: release, reject, hold."""
