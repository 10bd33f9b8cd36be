"""Pieces of pages that know no table: badges, labels, durations, links, JSON, masked values."""
