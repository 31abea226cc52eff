import pytest

from tests.stories.walking import Walk


@pytest.fixture
def walk(app, demo) -> Walk:
    """A laboratory with its people at their browsers."""
    return Walk(app, demo)
