from django.contrib import admin

from tests.demo.urls import urlpatterns  # noqa: F401

# It is the same on every page, and takes a quarter of the width.
admin.site.enable_nav_sidebar = False
