"""Exporters for monitoring systems, each an extra: `pip install pinax-stripe[prometheus]`."""
