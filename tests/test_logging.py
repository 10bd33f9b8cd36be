"""What is logged: ids, in one style, and never the content of an event nor a secret."""

import ast
import logging
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import pinax.stripe.conf
from pinax.stripe.actions import webhook_endpoints
from pinax.stripe.signals import every_event
from pinax.stripe.testing import build_event, build_object, post_event
from pinax.stripe.webhooks import retries

ROOT = Path(pinax.stripe.conf.__file__).parent
KEY = "sk_test_this_is_the_whole_key"
SECRET = "whsec_this_is_the_whole_secret"
PERSON = "jo@example.com"
#: One or two words, then what it is about.
STYLE = re.compile(r"[a-z]+( [a-z]+)?( [a-z_]+=%s)+")


CALLS = [
    pytest.param(node, id=f"{path.relative_to(ROOT)}:{node.lineno}")
    for path in sorted(ROOT.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("logger.")
]


@pytest.mark.parametrize("call", CALLS)
def test_every_line_is_words_and_names_with_values(call):
    text, *values = call.args
    assert isinstance(text, ast.Constant)
    assert STYLE.fullmatch(text.value)
    assert text.value.count("%s") == len(values)
    assert not [keyword for keyword in call.keywords if keyword.arg in ("exc_info", "extra", "stack_info")]


def test_every_logger_is_named_after_its_module():
    for path in sorted(ROOT.rglob("*.py")):
        names = re.findall(r"logging\.getLogger\(([^)]*)\)", path.read_text())
        assert set(names) <= {"__name__", '"stripe"'}, path


def documented():
    """Module, level and first words of each line in the table of the page about monitoring."""
    page = (ROOT.parents[1] / "docs" / "how-to" / "monitoring.md").read_text()
    module = ""
    for row in re.finditer(r"^\| (?:`pinax\.stripe\.([\w.]+)`)? ?\| (\w+) \| `([a-z ]+?) [a-z_]+=", page, re.MULTILINE):
        module = row[1] or module
        yield module, row[2], row[3]


DOCUMENTED = list(documented())


@pytest.mark.parametrize(("module", "level", "words"), DOCUMENTED)
def test_each_line_that_is_documented_comes_from_the_logger_that_is_named(module, level, words):
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    assert re.search(rf'logger\.{level}\(\s*"{words} [a-z_]+=', text)


def test_the_page_about_monitoring_documents_lines():
    assert len(DOCUMENTED) == 16


def raising(event, **kwargs):
    raise ValueError(f"cannot mail {event.object['email']}")


@pytest.fixture
def stripe(fake_stripe, settings):
    settings.PINAX_STRIPE_SECRET_KEY = KEY
    settings.PINAX_STRIPE_WEBHOOK_SECRETS = [SECRET]
    settings.PINAX_STRIPE_API_RETRIES = 0
    settings.PINAX_STRIPE_HEALTH_TOKEN = "a token that is hard to guess"
    every_event.connect(raising)
    yield fake_stripe
    every_event.disconnect(raising)


@pytest.mark.django_db(transaction=True)
def test_neither_keys_nor_secrets_nor_people_are_in_logs_or_answers(client, stripe, settings, caplog):
    """Everything that can go wrong goes wrong, with every logger at its most talkative."""
    answers = []

    def post(event, secret=SECRET):
        answers.append(post_event(client, event, secret=secret))

    with caplog.at_level(logging.DEBUG):
        stripe.create("customer", id="cus_1", email=PERSON)
        event = stripe.events[-1]
        post(event)
        post(event, "whsec_wrong")
        post(event, None)
        post({**event, "type": "customer.deleted"})
        post(build_event("customer.created", build_object("customer", email=PERSON)))
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = []
        post(build_event("customer.created", build_object("customer", email=PERSON)))
        settings.PINAX_STRIPE_WEBHOOK_SECRETS = [SECRET]
        post(f'{{"email": "{PERSON}"')
        echo = {"error": {"type": "invalid_request_error", "message": f"Invalid API Key provided: {KEY}"}}
        for status, body in ((401, None), (401, echo), (403, None), (429, None), (500, f"<p>{PERSON}"), (200, PERSON)):
            stripe.fail("/v1/events/", status, body=body)
            post(build_event("customer.created", build_object("customer", email=PERSON)))
        stripe.drop("/v1/events/")
        post(build_event("customer.created", build_object("customer", email=PERSON)))
        stripe.keys = {"sk_test_other"}
        post(build_event("customer.created", build_object("customer", email=PERSON)))
        answers.append(client.get("/stripe/health/?online=1", headers={"Authorization": "Bearer wrong"}))
        answers.append(
            client.get(
                "/stripe/health/?online=1", headers={"Authorization": "Bearer " + settings.PINAX_STRIPE_HEALTH_TOKEN}
            )
        )
        stripe.keys = None
        settings.PINAX_STRIPE_RETRY_LIMIT = 1
        call_command("stripe_process_events", "--failed", stdout=StringIO())
        call_command("stripe_catch_up", stdout=StringIO())
        secret = webhook_endpoints.create("https://example.com/", ["*"])["secret"]
        with pytest.raises(CommandError):
            call_command("stripe_webhook", "update", "--endpoint", "we_x", stdout=StringIO())
    said = caplog.text + "".join(str(answer.headers) + answer.content.decode() for answer in answers)
    codes = {answer.status_code for answer in answers}
    assert {400, 401, 500, 503} <= codes
    for line in (
        "failed event=evt_",
        "refused event=evt_",
        "undecided event=evt_",
        "gave up event=evt_",
        "created endpoint=we_",
    ):
        assert line in caplog.text
    for hidden in (KEY, SECRET, PERSON, secret, "cannot mail", "Traceback", settings.PINAX_STRIPE_HEALTH_TOKEN):
        assert hidden not in said, hidden


def test_what_is_given_up_is_an_error():
    assert retries.logger.name == "pinax.stripe.webhooks.retries"
