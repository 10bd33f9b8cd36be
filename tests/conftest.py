"""A clean database and a fresh view of the settings for every test."""
