"""Logs the script's browser in, which has no hands for a form."""

from django.conf import settings
from django.contrib.auth import get_user_model


def log_in(get_response):
    """Middleware: the browser that knows its secret name is the superuser of the demo."""

    def respond(request):
        if request.headers.get("User-Agent") == settings.BROWSER:
            request.user = get_user_model().objects.get(is_superuser=True)
        return get_response(request)

    return respond
