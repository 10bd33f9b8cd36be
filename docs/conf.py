"""How Sphinx builds these pages: `tox -e docs`."""

import sys
from pathlib import Path

import django
from django.conf import settings

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "pinax.stripe"], USE_I18N=False, USE_TZ=True
)
django.setup()

from pinax.stripe import __version__  # noqa: E402

project = "pinax-stripe"
author = "The maintainers of pinax-stripe"
project_copyright = author
release = version = __version__

extensions = ["generated", "myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_ext"]
nitpicky = True
smartquotes = False

html_theme = "furo"
html_title = f"pinax-stripe {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
