"""Every link of every page leads somewhere: the admin of the demo's shop, followed from its home."""

import html.parser
import re
from collections import Counter
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pinax.stripe.models.mirror import MirroredObject, mirror_key
from pinax.stripe.signals import WEBHOOK_SIGNALS
from pinax.stripe.testing import build_event, build_object, post_event
from tests.demo import life
from tests.demo.clock import Clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HOME = reverse("admin:index")
OURS = reverse("admin:app_list", args=["pinax_stripe"])
#: Where pages may lead outside: Stripe's dashboard, and pages of Stripe's whose address an object has.
OUTSIDE = re.compile(
    r"https://dashboard\.stripe\.com/(acct_\w+/)?(test/)?([a-z_]+/[\w.%-]+|search\?query=[\w.%-]+)"
    r"|https://(invoice|pay)\.stripe\.com/[\w/]+"
)
#: Pages of the admin that are not about a shop, and one that ends the session.
SKIPPED = ("/admin/logout/", "/admin/password_change/", "/admin/auth/", "/admin/jsi18n/", "/admin/r/")
#: Pages, and files of lists, that are fetched, at most.
MOST_PAGES = 600
#: Queries that a page may cost, and the overview.
MOST_QUERIES, MOST_QUERIES_OF_THE_OVERVIEW = 10, 15
#: A list under each choice of its filters says nothing that it does not say under a few of them.
MOST_FILTERED = 3


class Page(html.parser.HTMLParser):
    """The links of a page, and what an address can point to on it."""

    def __init__(self, text):
        super().__init__()
        self.links, self.anchors, self.files = set(), set(), set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get("id"):
            self.anchors.add(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.add(attributes["href"] or "")
        if tag == "form" and attributes.get("method") == "get" and attributes.get("action"):
            self.links.add(attributes["action"])


class Crawl:
    """Follows links from a page on; what was wrong is in `broken`."""

    def __init__(self, client, *, rows=1000):
        self.client = client
        #: Pages of rows of one table that are fetched, at most.
        self.rows = rows
        self.pages, self.broken, self.outside = {}, [], set()
        self.queries = Counter()
        self._seen, self._alike = set(), Counter()

    def run(self, start):
        # Asked for once in a process.
        ContentType.objects.get_for_models(*apps.get_models())
        todo = [(start, "")]
        while todo and len(self.pages) < MOST_PAGES:
            address, origin = todo.pop()
            path, anchor = urldefrag(address)
            if path not in self.pages:
                self.pages[path] = self.fetch(path, origin)
                if self.pages[path] is not None:
                    todo += [(target, path) for target in sorted(self.targets(path))]
            if self.pages[path] is not None and anchor and anchor not in self.pages[path].anchors:
                self.broken.append((origin, address, "no such anchor"))
        return self

    def fetch(self, path, origin):
        with CaptureQueriesContext(connection) as context:
            response = self.client.get(path)
        self.queries[path] = sum(query["sql"].lstrip("(").startswith("SELECT") for query in context.captured_queries)
        if response.status_code != 200:
            self.broken.append((origin, path, response.status_code))
            return None
        # A file is streamed.
        return Page(b"".join(response).decode())

    def targets(self, path):
        """The links of a page that are followed."""
        for link in self.pages[path].links:
            address = urljoin(path, link)
            if urlsplit(address).scheme:
                self.outside.add(address)
                if not OUTSIDE.fullmatch(address):
                    self.broken.append((path, address, "not a page of Stripe's"))
            elif address.startswith("/admin/") and not address.startswith(SKIPPED) and self.is_new(address):
                yield address
            elif not address.startswith(("/admin/", "/")):
                self.broken.append((path, link, "leads nowhere"))

    def is_new(self, address):
        """Whether an address adds something: of a list there are as many as its filters have combinations."""
        parts = urlsplit(address)
        path, is_row = re.subn(r"[^/]+/change/$", "", parts.path)
        if address in self._seen or not (parts.query or is_row):
            return True
        most = MOST_FILTERED if parts.query else self.rows
        if self._alike[path, is_row] >= most:
            return False
        self._alike[path, is_row] += 1
        self._seen.add(address)
        return True


@pytest.fixture
def shop(client, fake_stripe):
    """The demo's shop with what goes wrong elsewhere: things that have not come, a failure, a forgery, a duplicate."""
    fake_stripe.now = fake_stripe.now - life.SPAN
    clock = Clock(fake_stripe)

    def fail(event, **kwargs):
        raise ValueError("The printer is out of paper.")

    with clock.running():
        for pause, happen in life.CHAPTERS.values():
            known = len(fake_stripe.events)
            fake_stripe.advance(pause)
            happen(fake_stripe)
            fake_stripe.clear_faults()
            for event in fake_stripe.events[known:]:
                assert post_event(client, event).status_code == 200
        odd = len(fake_stripe.events)
        fake_stripe.create("charge", id="ch_early", customer="cus_later", payment_intent="pi_later")
        fake_stripe.create("charge", id="ch_x", account="acct_1", customer="cus_x")
        fake_stripe.create("subscription", id="sub_odd", customer="cus_later", latest_invoice="in_later")
        fake_stripe.create("invoice", id="in_odd", customer="cus_later")
        fake_stripe.create("invoice_payment", id="inpay_odd", invoice="in_later")
        fake_stripe.create("refund", id="re_odd", charge="ch_later", payment_intent="pi_later")
        fake_stripe.create("customer", id="cus_odd", default_source="card_odd")
        fake_stripe.create("card", id="card_odd", customer="cus_odd")
        fake_stripe.create("bank_account", id="ba_odd", customer="cus_odd")
        fake_stripe.create("source", id="src_odd", customer="cus_odd")
        fake_stripe.create("plan", id="plan_odd", product="prod_later")
        for event in fake_stripe.events[odd:]:
            assert post_event(client, event).status_code == 200
        WEBHOOK_SIGNALS["coupon.created"].connect(fail)
        fake_stripe.create("coupon", id="ODD")
        assert post_event(client, fake_stripe.events[-1]).status_code == 500
        WEBHOOK_SIGNALS["coupon.created"].disconnect(fail)
        post_event(client, build_event("invoice.paid", build_object("invoice", id="in_forged")))
        post_event(client, b"no JSON")
        post_event(client, fake_stripe.events[0])
    return fake_stripe


def check(crawl):
    assert crawl.broken == []
    assert len(crawl.pages) < MOST_PAGES
    page, most = crawl.queries.most_common(1)[0]
    print(f"{len(crawl.pages)} pages, at most {most} queries on {page}, {len(crawl.outside)} addresses elsewhere")
    overviews = {page for page in crawl.queries if urlsplit(page).path.endswith("/overview/")}
    assert all(crawl.queries[page] <= MOST_QUERIES_OF_THE_OVERVIEW for page in overviews)
    assert {page: most for page, most in crawl.queries.items() if most > MOST_QUERIES and page not in overviews} == {}


@pytest.mark.once
def test_a_superuser_s_every_link_leads_somewhere(admin_client, shop):
    crawl = Crawl(admin_client).run(HOME)
    check(crawl)
    shown = {name for name in (urlsplit(page).path for page in crawl.pages) if name.startswith(OURS)}
    rows = [row for model in MirroredObject.__subclasses__() for row in model.all_objects.all()]
    pages = {reverse(f"admin:pinax_stripe_{row._meta.model_name}_change", args=[quoted(row)]) for row in rows}
    assert len(pages) > 80
    assert pages <= shown
    assert mirror_key("ch_x", "acct_1") in {row.pk for row in rows}
    assert any("/search?query=" in address or "/customers/cus_later" in address for address in crawl.outside)


def quoted(row):
    from django.contrib.admin.utils import quote

    return quote(row.pk)


#: What staff may view -> pages that a crawl finds, at least.
VIEWERS = {
    "*": 60,
    **dict.fromkeys(("event", "customer", "invoice", "charge", "subscription", "paymentmethod", "refund"), 4),
    "eventprocessingexception": 3,
}


def test_every_link_of_staff_who_may_only_look_leads_somewhere(client, shop, django_user_model):
    everything = Permission.objects.filter(content_type__app_label="pinax_stripe", codename__startswith="view_")
    for name, least in VIEWERS.items():
        viewer = django_user_model.objects.create_user(f"viewer of {name}", is_staff=True)
        viewer.user_permissions.add(*(everything if name == "*" else everything.filter(codename=f"view_{name}")))
        client.force_login(viewer)
        crawl = Crawl(client, rows=3).run(OURS)
        check(crawl)
        assert len(crawl.pages) >= least, name
