"""Bridges to other people's systems, each an extra: `pip install pinax-stripe[prometheus]`."""
