"""The ground every noun stands on: database, errors, permissions, clock."""
