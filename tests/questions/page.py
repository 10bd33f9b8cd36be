"""The SQL of docs/reference/questions.md, made by asking each question."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pinax.stripe import models
from tests.questions.account import NOW

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "questions.md"
SINCE, UNTIL = NOW.replace(day=1, hour=0, minute=0), NOW.replace(hour=0, minute=0)
#: Heading of the page -> what asks the question.
QUESTIONS = {
    "Subscription.objects.active()": lambda: models.Subscription.objects.active(),
    "Subscription.objects.past_due()": lambda: models.Subscription.objects.past_due(),
    "Subscription.objects.will_cancel()": lambda: models.Subscription.objects.will_cancel(),
    "Subscription.objects.trials_ending(days)": lambda: models.Subscription.objects.trials_ending(7),
    "Subscription.objects.started(since, until=None)": lambda: models.Subscription.objects.started(SINCE, UNTIL),
    "Subscription.objects.ended(since, until=None)": lambda: models.Subscription.objects.ended(SINCE, UNTIL),
    "Subscription.objects.churn(since, until=None)": lambda: models.Subscription.objects.churn(SINCE, UNTIL),
    "Subscription.objects.mrr()": lambda: models.Subscription.objects.mrr(),
    "Charge.objects.paid(since, until=None)": lambda: models.Charge.objects.paid(SINCE, UNTIL),
    "Charge.objects.failed(since, until=None)": lambda: models.Charge.objects.failed(SINCE, UNTIL),
    "Charge.objects.refunded()": lambda: models.Charge.objects.refunded(),
    "Charge.objects.disputed()": lambda: models.Charge.objects.disputed(),
    "BalanceTransaction.objects.revenue(since, until=None)": lambda: models.BalanceTransaction.objects.revenue(
        SINCE, UNTIL
    ),
    "Dispute.objects.open()": lambda: models.Dispute.objects.open(),
    "Dispute.objects.won()": lambda: models.Dispute.objects.won(),
    "Dispute.objects.lost()": lambda: models.Dispute.objects.lost(),
    "Payout.objects.under_way()": lambda: models.Payout.objects.under_way(),
    "payout.contents()": lambda: models.Payout(id="po_1", stripe_id="po_1").contents(),
    "CheckoutSession.objects.abandoned(since, until=None)": lambda: models.CheckoutSession.objects.abandoned(
        SINCE, UNTIL
    ),
    "Customer.objects.with_coupon(coupon=None)": lambda: models.Customer.objects.with_coupon(),
    "Customer.objects.with_card_expiring(days=30)": lambda: models.Customer.objects.with_card_expiring(),
    "Customer.objects.owing()": lambda: models.Customer.objects.owing(),
    "Customer.objects.without_plan()": lambda: models.Customer.objects.without_plan(),
    "customer.lifetime()": lambda: models.Customer(id="cus_1").lifetime(),
}
#: Before which words a line begins, and before which one that belongs to another.
LINES = re.compile(r" (?=(?:FROM|WHERE|GROUP BY|ORDER BY|HAVING|LEFT OUTER JOIN|INNER JOIN|AND|OR) )")
#: A list of columns of a table, which is all of them.
COLUMNS = re.compile(r'SELECT (?P<table>"pinax_stripe_\w+")\."id", (?P=table)\."stripe_id".*? FROM ')


def statements(ask) -> Iterator[str]:
    """The SQL of a question, one line for each part of it."""
    with CaptureQueriesContext(connection) as context:
        answer = ask()
        if hasattr(answer, "query"):
            list(answer.order_by() if not answer.query.order_by else answer)
    for query in context.captured_queries:
        sql = COLUMNS.sub("SELECT * FROM ", query["sql"])
        # Django takes these words out of a set.
        sql = re.sub(r"(?<= IN )\('(?:true|false|null)'[^)]*\)", "('false', 'null', 'true')", sql)
        yield LINES.sub("\n", sql.replace('"', "").replace("pinax_stripe_", ""))


def with_sql(text: str) -> str:
    """The page with the SQL of each question at the end of its section."""
    head, *sections = re.split(r"(?m)^(?=#{2,3} )", text)
    return head + "".join(with_sql_of(section) for section in sections)


def with_sql_of(section: str) -> str:
    """One section with its SQL."""
    name = section.partition("\n")[0].strip("#` ")
    if name not in QUESTIONS:
        return section
    words = section.partition("\n```sql\n")[0].rstrip()
    sql = ";\n\n".join(statements(QUESTIONS[name]))
    return f"{words}\n\n```sql\n{sql}\n```\n\n"
