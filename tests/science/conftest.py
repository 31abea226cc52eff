"""Generated examples: no deadline, since the first call of a test may load scipy."""

from hypothesis import settings

settings.register_profile("science", deadline=None)
settings.load_profile("science")
