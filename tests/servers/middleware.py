"""Reads the body after the view has, as middleware does that logs requests."""


class BodyLength:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers["X-Body-Length"] = str(len(request.body))
        return response
