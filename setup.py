"""Packaging of pinax-stripe; `pinax` is a namespace package shared with other Pinax apps."""

import re
from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "pinax/stripe/__init__.py").read_text()).group(1)

setup(
    name="pinax-stripe",
    version=VERSION,
    description="The webhook receiver and local mirror of Stripe for Django projects",
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    packages=find_namespace_packages(include=["pinax.*"]),
    include_package_data=True,
    package_data={
        "pinax.stripe": ["py.typed", "locale/*/LC_MESSAGES/*", "templates/**/*.html", "static/**/*"],
    },
    zip_safe=False,
    install_requires=[
        "Django>=5.2,<6.2",
        "django-appconf>=1.0.6",
        "jsonfield>=3.1",
        "pytz>=2024.1",
        "stripe>=12,<17",
        "urllib3>=1.26.20,<3",  # What stripe's `requests` needs, too.
    ],
    extras_require={
        "opentelemetry": ["opentelemetry-api>=1.27"],
        "prometheus": ["prometheus-client>=0.20"],
        "progress": ["rich>=13"],
        "tasks": ["django-tasks>=0.9"],
    },
    entry_points={"pytest11": ["pinax_stripe = pinax.stripe.testing.pytest_plugin"]},
    classifiers=[
        "Environment :: Web Environment",
        "Framework :: Django",
        "Framework :: Django :: 5.2",
        "Framework :: Django :: 6.0",
        "Framework :: Django :: 6.1",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Typing :: Typed",
    ],
)
