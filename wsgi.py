"""The web server's entrance."""

import config
from lims.app import create_app

app = create_app(config.load())
