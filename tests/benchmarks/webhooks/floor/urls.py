"""The addresses of the floors."""

from django.urls import path

from .views import FloorA, FloorB

urlpatterns = [path("floor/a/", FloorA.as_view()), path("floor/b/", FloorB.as_view())]
