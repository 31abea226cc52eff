"""What an instrument wrote: files, previews, matching to tests."""
