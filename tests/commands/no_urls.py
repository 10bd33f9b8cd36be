"""A project that forgot to include the URLs."""

urlpatterns: list = []
