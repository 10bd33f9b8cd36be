"""Proves the packages: `python -m tests.packaging` builds them, looks into them, and installs them far from here.

Needs `build` and `twine`, and a package index for what pinax-stripe depends on. Ends with an error at the first thing
that is not as it should be.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
#: Other apps in the `pinax` namespace; both ship a `pinax/__init__.py` that extends its path with pkgutil.
NEIGHBOURS = ["pinax-teams", "pinax-referrals"]
#: Of the repository, but of no use to who has only a package.
LEFT_OUT = (".ci/", ".gitignore")
#: Added to an sdist by setuptools.
MADE = {"PKG-INFO", "setup.cfg"}

SETTINGS = """
SECRET_KEY = "packaging"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "pinax.stripe",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "site.sqlite3"}}
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "site_urls"
PINAX_STRIPE_SECRET_KEY = "sk_test_packaging"
"""

URLS = """
from django.contrib import admin
from django.urls import include, path

urlpatterns = [path("admin/", admin.site.urls), path("stripe/", include("pinax.stripe.urls"))]
"""

#: The main job and a page of the admin, with nothing but what was installed.
JOB = """
import django
django.setup()
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from pinax.stripe.models import Customer, Event
from pinax.stripe.testing import FakeStripe

with FakeStripe() as stripe:
    settings.PINAX_STRIPE_API_BASE = stripe.url
    stripe.create("customer", id="cus_1", email="jenny@example.com")
    ((_, status),) = stripe.deliver_to(Client())
assert status == 200, status
assert Customer.objects.get().email == "jenny@example.com"
client = Client()
client.force_login(get_user_model().objects.create_superuser("admin"))
page = client.get(f"/admin/pinax_stripe/event/{Event.objects.get().pk}/change/")
assert page.status_code == 200, page
assert b"customer.created" in page.content
"""


def main() -> None:
    """Every proof in turn; SystemExit when one fails."""
    with tempfile.TemporaryDirectory(prefix="pinax-stripe-packaging-") as folder:
        work = Path(folder)
        wheel, sdist = build(work / "dist")
        check_wheel(wheel)
        check_sdist(sdist)
        check_installed(wheel, work / "alone")
        check_beside([str(wheel), *NEIGHBOURS], work / "first")
        check_beside([*NEIGHBOURS, str(wheel)], work / "last")
    say("The packages are complete, work on their own, and get along with other Pinax apps.")


def say(line: str) -> None:
    print(line, flush=True)


def build(folder: Path) -> tuple[Path, Path]:
    """The wheel and the sdist; the wheel is made from the sdist, so it shows that nothing is missing there."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, sdist)
    return wheel, sdist


def sources() -> set[str]:
    """The files of the project: those that git does not ignore, or all there are in an unpacked sdist."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    files = [*ROOT.iterdir(), *(path for name in ("pinax", "docs", "tests") for path in (ROOT / name).rglob("*"))]
    names = {path.relative_to(ROOT).as_posix() for path in files if path.is_file() and path.suffix != ".pyc"}
    return names - MADE


def check_wheel(wheel: Path) -> None:
    """Everything below pinax/, and nothing else: above all no `pinax/__init__.py`, which others' would overwrite."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    compare(f"{wheel.name}", names, {name for name in sources() if name.startswith("pinax/")})
    texts = "pinax/stripe/locale/de/LC_MESSAGES/django.mo"
    for kind in ("pinax/stripe/migrations/0001_initial.py", "pinax/stripe/py.typed", texts):
        if kind not in names:
            raise SystemExit(f"{wheel.name} lacks {kind}")
    if "pinax/__init__.py" in names:
        raise SystemExit(f"{wheel.name} has a pinax/__init__.py; pinax is a namespace package")


def check_sdist(sdist: Path) -> None:
    """The whole project: tests, docs and tools too."""
    with tarfile.open(sdist) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    made = MADE | {name for name in names if ".egg-info/" in name}
    compare(f"{sdist.name}", names - made, {name for name in sources() if not name.startswith(LEFT_OUT)})


def compare(title: str, found: set[str], expected: set[str]) -> None:
    """SystemExit with the names that are missing or too many."""
    problems = [f"lacks {name}" for name in sorted(expected - found)]
    problems += [f"has {name}, which is not of the project" for name in sorted(found - expected)]
    if problems:
        raise SystemExit("\n".join(f"{title} {problem}" for problem in problems))
    say(f"{title}: all of its {len(found)} files")


def check_installed(wheel: Path, folder: Path) -> None:
    """The wheel alone, in an environment of its own, far from the sources: checks, migrations, the main job."""
    python = environment(folder, [str(wheel)])
    (folder / "site_settings.py").write_text(SETTINGS)
    (folder / "site_urls.py").write_text(URLS)
    for command in (["check"], ["migrate", "-v", "0"], ["makemigrations", "--check", "--dry-run", "-v", "0"]):
        inside(folder, python, "-m", "django", *command)
    inside(folder, python, "-c", JOB)
    inside(folder, python, "-m", "pip", "check")
    say("installed alone: checks, migrates, takes an event, shows it in the admin")


def check_beside(requirements: list[str], folder: Path) -> None:
    """Beside other Pinax apps, installed in this order; and after one of them was removed, with it the `__init__`."""
    python = environment(folder, requirements)
    inside(folder, python, "-c", "import pinax.stripe, pinax.teams, pinax.referrals")
    inside(folder, python, "-m", "pip", "uninstall", "--quiet", "--yes", NEIGHBOURS[0])
    inside(folder, python, "-c", "import pinax.stripe, pinax.referrals")
    inside(folder, python, "-m", "pip", "uninstall", "--quiet", "--yes", "pinax-stripe")
    inside(folder, python, "-c", "import pinax.referrals")
    say(f"installed as {', '.join(Path(name).name for name in requirements)}: all importable, also after removals")


def environment(folder: Path, requirements: list[str]) -> Path:
    """The Python of a new virtual environment in which those were installed one after the other."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for requirement in requirements:
        inside(folder, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement)
    return python


def inside(folder: Path, *command: str | Path) -> None:
    """Run something in a folder that has nothing of the sources, and no switch of ours but the settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STRIPE", "PINAX"))}
    run(*command, cwd=folder, env={**kept, "DJANGO_SETTINGS_MODULE": "site_settings"})


def run(*command: str | Path, **options: Any) -> None:
    """Run something quietly; SystemExit with all it said if it fails."""
    words = [str(part) for part in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{done.stdout}\nfailed: {' '.join(words)}")


if __name__ == "__main__":
    main()
