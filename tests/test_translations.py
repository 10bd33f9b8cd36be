"""The catalogues are complete, up to date and well made, and the admin speaks German and French."""

import ast
import gettext
import html.parser
import io
import re
from pathlib import Path

import django
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.contrib import admin
from django.urls import reverse
from django.utils import translation
from django.utils.translation.template import templatize

import pinax.stripe.conf
from pinax.stripe import models
from pinax.stripe.admin.events import panels
from pinax.stripe.admin.objects import invoices, paid_invoices, payments, subscriptions
from pinax.stripe.catalogue.event_types import describe
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import build_event, build_object, post_event

ROOT = Path(pinax.stripe.conf.__file__).parent
LANGUAGES = ["de", "fr"]
#: Django's functions -> whether the first argument is a context, and how many texts follow.
FUNCTIONS = {"gettext": (False, 1), "ngettext": (False, 2), "pgettext": (True, 1), "npgettext": (True, 2)}
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
#: What is typed, looked up or clicked as it stands: settings, addresses, commands, names of Stripe's API.
KEPT = re.compile(r"PINAX_\w+|https?://[\w./]+|--\w+|whsec_…|[a-z0-9]+(?:[._][a-z0-9]+)+|\d{4}-\d\d-\d\d")
#: Catalogues of Django's whose texts are on the same pages.
DJANGO = ("conf", "contrib/admin", "contrib/auth")


def folder_of(language):
    return ROOT / "locale" / language / "LC_MESSAGES"


def catalogue(language):
    """The messages of a .po file, without its header."""
    with (folder_of(language) / "django.po").open("rb") as file:
        found = read_po(file, locale=language)
    return found, [message for message in found if message.id]


def key_of(message):
    """Context, text, and text for many."""
    ids = (message.id, None) if isinstance(message.id, str) else message.id
    # Babel reads the contexts of compiled catalogues as bytes.
    context = message.context.decode() if isinstance(message.context, bytes) else message.context
    return (context, *ids)


def forms_of(message):
    """The translations, each with the English text it stands for."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    one, *many = message.string
    return [(message.id[0], one), *((message.id[1], text) for text in many)]


def messages_of_modules():
    """What the code marks as translatable, f-strings included, where makemessages would not find it."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                name = "gettext" if node.func.id == "_" else node.func.id.removesuffix("_lazy")
                if name in FUNCTIONS:
                    has_context, count = FUNCTIONS[name]
                    values = [ast.literal_eval(value) for value in node.args[: has_context + count]]
                    context = values.pop(0) if has_context else None
                    yield (context, *values, *[None] * (2 - count))


def messages_of_templates():
    for path in sorted(ROOT.rglob("*.html")):
        source = io.BytesIO(templatize(path.read_text(encoding="utf-8")).encode())
        for _line, ids, _comments, context in extract("python", source, keywords=DEFAULT_KEYWORDS):
            yield (context, *(ids if isinstance(ids, tuple) else (ids, None)))


@pytest.fixture(scope="module")
def marked():
    """Every text that the package marks as translatable."""
    modules, templates = set(messages_of_modules()), set(messages_of_templates())
    assert (None, "What happened", None) in templates
    assert len(modules) > 700
    assert len(templates) >= 30
    return modules | templates


# The catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_every_text_of_the_code_and_no_other(marked, language):
    """When this fails: `django-admin makemessages`, as CONTRIBUTING.md says."""
    found, messages = catalogue(language)
    known = {key_of(message) for message in messages}
    assert sorted(marked - known, key=str) == []
    assert sorted(known - marked, key=str) == []
    assert list(found.obsolete) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_in_all_its_forms(language):
    found, messages = catalogue(language)
    assert not found.fuzzy
    assert [message.id for message in messages if message.fuzzy] == []
    assert [message.id for message in messages if not all(text for _original, text in forms_of(message))] == []
    plurals = [message for message in messages if not isinstance(message.id, str)]
    assert plurals
    assert {len(message.string) for message in plurals} == {found.num_plurals}


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_names_and_addresses_are_those_of_the_original(language):
    _found, messages = catalogue(language)
    for message in messages:
        for original, text in forms_of(message):
            assert sorted(PLACEHOLDERS.findall(text)) == sorted(PLACEHOLDERS.findall(original))
            assert "%" not in PLACEHOLDERS.sub("", text)
            assert sorted(KEPT.findall(text)) == sorted(KEPT.findall(original))


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_end_and_texts_begin_as_the_original_does(language):
    """A sentence stays a sentence, and a word that the admin puts into others gets no stop."""
    _found, messages = catalogue(language)
    for message in messages:
        for original, text in forms_of(message):
            assert text.endswith(".") == original.endswith("."), text
            assert len(text) - len(text.strip()) == len(original) - len(original.strip()), text


def test_no_stop_follows_a_time_which_may_end_with_one():
    """English moments end with a stop in Django: 5:50 a.m., for example."""
    _found, messages = catalogue("de")
    moment = re.compile(r"\b(?:on|since) %\(time\)s\.", re.IGNORECASE)
    assert [message.id for message in messages if moment.search(str(message.id))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_and_spaces_are_those_of_the_language(language):
    _found, messages = catalogue(language)
    for message in messages:
        for _original, text in forms_of(message):
            assert not re.search(r"[\"'`]|\.\.\.|\S  \S", text), text
            if language == "de":
                assert text.count("„") == text.count("“"), text
                assert not re.search("[«»”]", text), text
            else:
                assert text.count("«") == text.count("»"), text
                assert not re.search("[„“”]", text), text
                # Not at the colon of an address.
                assert not re.search(
                    r"(?<![\N{NO-BREAK SPACE}])[;!?»]|[^\N{NO-BREAK SPACE}\w]:|\w: |«[^\N{NO-BREAK SPACE}]", text
                ), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_its_source(language):
    """When this fails: `django-admin compilemessages`, as CONTRIBUTING.md says."""
    _found, messages = catalogue(language)
    with (folder_of(language) / "django.mo").open("rb") as file:
        compiled = [message for message in read_mo(file) if message.id]
    assert {key_of(each): forms_of(each) for each in compiled} == {key_of(each): forms_of(each) for each in messages}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_that_django_has_too_says_what_django_says(language):
    """All apps of a project share one catalogue: what is translated here is translated so on every page of it."""
    known = {}
    for part in DJANGO:
        path = Path(django.__path__[0]) / part / "locale" / language / "LC_MESSAGES" / "django.mo"
        with path.open("rb") as file:
            known |= gettext.GNUTranslations(file)._catalog
    _found, messages = catalogue(language)
    shared = {message.id: message.string for message in messages if message.id in known and not message.context}
    assert "Home" in shared
    assert shared == {original: known[original] for original in shared}


# What people see


def test_event_types_are_explained_in_the_language_of_the_reader():
    with translation.override("de"):
        german = describe("invoice.paid")
    with translation.override("fr-ca"):
        french = describe("invoice.paid")
    assert german == (
        "Eine Rechnung ist beglichen, auch wenn sie null ergab, Guthaben sie deckte oder Sie sie als bezahlt markiert "
        "haben."
    )
    assert french.startswith("Une facture est réglée, même si elle était à zéro")


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize(
    "columns",
    [
        paid_invoices.invoice_columns,
        invoices.line_columns,
        payments.charge_columns,
        payments.intent_columns,
        payments.refund_columns,
        subscriptions.item_columns,
        subscriptions.subscription_columns,
        lambda: dict.fromkeys(panels.EVENT_COLUMNS),
    ],
)
def test_no_two_columns_of_a_table_have_one_name(columns, language):
    """They are keys: the second would take the place of the first."""
    with translation.override("en"):
        count = len(columns())
    with translation.override(language):
        assert len({str(name) for name in columns()}) == len(columns()) == count


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", {1: "20.00 USD every month", 3: "20.00 USD every 3 months"}),
        ("de", {1: "20,00 USD pro Monat", 3: "20,00 USD alle 3 Monate"}),
        ("fr", {1: "20,00 USD par mois", 3: "20,00 USD tous les 3 mois"}),
    ],
)
def test_how_often_a_price_is_asked_has_a_plural(language, texts, count):
    price = models.Price(unit_amount=2000, currency="usd", interval="month", interval_count=count)
    with translation.override(language):
        assert subscriptions.price_text(price) == texts[count]


def test_an_interval_newer_than_this_release_is_shown_as_stripe_calls_it():
    price = models.Price(unit_amount=2000, currency="usd", interval="fortnight", interval_count=2)
    with translation.override("en"):
        assert subscriptions.price_text(price) == "20.00 USD / 2 fortnight"


class Texts(html.parser.HTMLParser):
    """The texts of a page that are words of the admin: nothing of JSON, of tracebacks, or of what is not shown."""

    HIDDEN = ("script", "style", "datalist", "pre")
    ATTRIBUTES = ("aria-label", "data-label", "placeholder", "title", "value")

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.depth = 0
        self.json = 0
        self.tag = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tag = tag
        if tag == "div" and (self.json or attributes.get("class") == "stripe-json"):
            self.json += 1
        self.depth += tag in self.HIDDEN
        if attributes.get("type") != "hidden" and not self.depth:
            self.found += [attributes[name] for name in self.ATTRIBUTES if tag != "button" and attributes.get(name)]

    def handle_endtag(self, tag):
        self.json -= tag == "div" and self.json > 0
        self.depth -= tag in self.HIDDEN

    def handle_data(self, data):
        text = re.sub(r"[ \t\n]+", " ", data).strip(" ")
        if not text or self.depth or self.json:
            return
        if self.tag == "wbr":
            self.found[-1] += text
        else:
            self.found.append(text)


def leftovers(page, language):
    """Texts of a page that are still English, though the catalogue of the language has them."""
    _found, messages = catalogue(language)
    patterns = []
    for message in messages:
        for original, text in forms_of(message):
            # A word that is the same in both languages, or another message's translation, tells nothing.
            if original.strip().lower() != text.strip().lower():
                parts = PLACEHOLDERS.split(original.strip())
                if any(len(part.strip()) > 1 for part in parts):
                    patterns.append(".+?".join(re.escape(part) for part in parts))
    translated = {text.strip().lower() for message in messages for _original, text in forms_of(message)}
    english = re.compile("|".join(patterns), re.IGNORECASE)
    return [text for text in Texts(page).found if english.fullmatch(text) and text.lower() not in translated]


def broken(event, **kwargs):
    raise ConnectionError("the mail server is away")


@pytest.fixture
def life(client, fake_stripe):
    """A customer with one of everything, an event of each state, and a catch-up."""
    fake_stripe.create("product", id="prod_1", name="Gold")
    fake_stripe.create("product", id="prod_2", name="Silver")
    fake_stripe.create("price", id="price_1", product="prod_1", unit_amount=2000)
    fake_stripe.create("customer", id="cus_1", email="jenny@example.com", delinquent=True)
    fake_stripe.create("payment_method", id="pm_1", customer="cus_1")
    item = build_object("subscription_item", id="si_1", subscription="sub_1", price=fake_stripe.get("price_1"))
    fake_stripe.create("subscription", id="sub_1", customer="cus_1", status="past_due", items=[item])
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    fake_stripe.create("invoice", id="in_1", customer="cus_1", number="SHOP-1", parent=parent)
    fake_stripe.create("payment_intent", id="pi_1", customer="cus_1")
    fake_stripe.create("charge", id="ch_1", customer="cus_1", amount=5000, payment_intent="pi_1", disputed=True)
    payment = {"type": "payment_intent", "payment_intent": "pi_1"}
    fake_stripe.create("invoice_payment", id="inpay_1", invoice="in_1", payment=payment)
    fake_stripe.create("refund", id="re_1", charge="ch_1", amount=1000, reason="requested_by_customer")
    fake_stripe.create("dispute", id="dp_1", charge="ch_1", amount=5000)
    fake_stripe.create("customer_balance_transaction", customer="cus_1", type="adjustment", amount=-500)
    fake_stripe.update("cus_1", balance=-500)
    fake_stripe.create("customer_cash_balance_transaction", customer="cus_1", type="funded")
    fake_stripe.create("topup")
    fake_stripe.create("review", charge="ch_1")
    fake_stripe.create("radar.early_fraud_warning", charge="ch_1", actionable=True, fraud_type="misc")
    fake_stripe.emit("mandate.updated", build_object("mandate", payment_method="pm_1", type="multi_use"))
    fake_stripe.create("payout", id="po_1", reconciliation_status="completed")
    fake_stripe.create("balance_transaction", source="ch_1", payout="po_1")
    fake_stripe.emit("payout.reconciliation_completed", "po_1")
    for event in fake_stripe.events:
        assert post_event(client, event).status_code == 200
    fake_stripe.delete("prod_2")
    assert post_event(client, fake_stripe.events[-1]).status_code == 200
    models.Event.objects.filter(kind="product.deleted").update(pruned_at="2026-01-01T00:00Z")
    signal = WEBHOOK_SIGNALS["customer.updated"]
    signal.connect(broken)
    fake_stripe.update("cus_1", email="jenny.rosen@example.com")
    assert post_event(client, fake_stripe.events[-1]).status_code == 500
    stranger = build_event("customer.created", id="evt_stranger")
    assert post_event(client, stranger).status_code == 400
    fake_stripe.create("customer", id="cus_2")
    fake_stripe.fail(status=500, times=None)
    assert post_event(client, fake_stripe.events[-1]).status_code == 503
    models.CatchUp.objects.create(since="2026-01-01T00:00Z", until="2026-01-02T00:00Z", cursor="2026-01-02T00:00Z")
    yield
    signal.disconnect(broken)


def pages():
    """Addresses of the overview, of all lists, and of a page of every kind."""
    yield reverse("admin:pinax_stripe_event_overview")
    yield reverse("admin:app_list", args=["pinax_stripe"])
    for model in admin.site._registry:
        if model._meta.app_label == "pinax_stripe":
            name = f"admin:pinax_stripe_{model._meta.model_name}"
            yield reverse(f"{name}_changelist")
            for row in getattr(model, "all_objects", model.objects).all():
                yield reverse(f"{name}_change", args=[admin.utils.quote(row.pk)])


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_admin_keeps_an_english_text(admin_client, life, settings, language):
    settings.LANGUAGE_CODE = language
    addresses = list(pages())
    assert len(addresses) > 30
    found = {address: leftovers(admin_client.get(address).content.decode(), language) for address in addresses}
    assert {address: texts for address, texts in found.items() if texts} == {}


@pytest.mark.django_db(transaction=True)
def test_leftovers_would_be_found(admin_client, life, settings):
    """The test above can fail: English pages are full of English texts."""
    settings.LANGUAGE_CODE = "en"
    event = models.Event.objects.get(state="failed")
    texts = leftovers(
        admin_client.get(reverse("admin:pinax_stripe_event_change", args=[event.pk])).content.decode(), "de"
    )
    assert {"What happened", "failed", "Posted to the webhook", "Receivers", "Try again", "Recorded at"} <= set(texts)


def shown(client, name, *args):
    """The words of a page of the admin."""
    response = client.get(reverse(f"admin:pinax_stripe_{name}", args=args))
    assert response.status_code == 200
    return Texts(response.content.decode()).found


def typographic(text):
    """With the apostrophes and spaces that French has in print."""
    return re.sub(" (?=[:;!?])", "\N{NO-BREAK SPACE}", text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"))


#: Language -> what the event's page, the list, the overview and the page of a customer say; before typography.
SAID = {
    "de": {
        "event": [
            "Was geschah",
            "fehlgeschlagen",
            "An den Webhook gesendet",
            "Geprüft: Stripe hat es bestätigt",
            "In die lokale Kopie übernommen: 1 Zeile geändert",
            "Beheben Sie die Ursache und klicken Sie dann auf „Erneut versuchen“. Nur was noch nicht erledigt ist, "
            "läuft noch einmal.",
            "Erneut versuchen",
        ],
        "list": ["Ereignisse", "Zustand", "Erneut versuchen (was noch nicht erledigt ist)", "Alle", "abgelehnt"],
        "overview": ["Wartend", "Ältestes unerledigtes Ereignis", "Fehlschläge nach Typ und Empfänger", "Lokale Kopie"],
        "customer": [
            "1 Ereignis fehlgeschlagen",
            "Die letzte Rechnung wurde bei Fälligkeit nicht bezahlt.",
            "Karten und andere Zahlungsmethoden",
            "überfällig",
            "Gold, 20,00 USD pro Monat",
            "angefochten",
            "vom Kunden gewünscht",
            "Rechnungen",
        ],
    },
    "fr": {
        "event": [
            "Ce qui s'est passé",
            "en échec",
            "Envoyé au webhook",
            "Vérifié : Stripe l'a confirmé",
            "Reporté dans la copie locale : 1 ligne modifiée",
            "Réessayer",
        ],
        "list": ["Événements", "État", "Réessayer (ce qui n'est pas encore traité)", "Tout", "refusé"],
        "overview": [
            "En attente",
            "Plus ancien événement non traité",
            "Échecs par type et par récepteur",
            "Copie locale",
        ],
        "customer": [
            "1 événement en échec",
            "La dernière facture n'a pas été payée à l'échéance.",
            "Cartes et autres moyens de paiement",
            "en retard",
            "Gold, 20,00 USD par mois",
            "contesté",
            "demandé par le client",
            "Factures",
        ],
    },
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_say_it_in_the_language(admin_client, life, settings, language):
    settings.LANGUAGE_CODE = language
    failed = models.Event.objects.get(state="failed")
    found = {
        "event": shown(admin_client, "event_change", failed.pk),
        "list": shown(admin_client, "event_changelist"),
        "overview": shown(admin_client, "event_overview"),
        "customer": shown(admin_client, "customer_change", "cus_1"),
    }
    missing = {
        page: [text for text in texts if typographic(text) not in found[page]] for page, texts in SAID[language].items()
    }
    assert missing == {"event": [], "list": [], "overview": [], "customer": []}


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_beside_a_reason_stays_english_and_is_said_once(admin_client, life, settings):
    settings.LANGUAGE_CODE = "de"
    refused = models.Event.objects.get(state="refused")
    assert refused.reason == "not_found"
    why = (
        admin_client.get(reverse("admin:pinax_stripe_event_change", args=[refused.pk])).context["page"].explanation.why
    )
    assert why == f"Stripe kennt kein Ereignis mit dieser ID. {refused.explanation}"
