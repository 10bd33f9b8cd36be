"""Schedules of subscriptions and their phases in every shape they have had."""

from pinax.stripe.models import SubscriptionSchedule, SubscriptionSchedulePhase
from pinax.stripe.sync.registry import READERS
from tests.sync.shapes import each, exact, read, utc

START, END = 1_700_000_000, 1_702_592_000
AT_START, AT_END = utc("2023-11-14 22:13:20"), utc("2023-12-14 22:13:20")

SCHEDULES = {
    "2019-05-16, billing and renewal_behavior": (
        {"billing": "send_invoice", "renewal_behavior": "renew"},
        {"collection_method": "send_invoice", "end_behavior": "renew"},
    ),
    "2019-10-17, collection_method and end_behavior": (
        {"collection_method": "send_invoice", "end_behavior": "release"},
        {"collection_method": "send_invoice", "end_behavior": "release"},
    ),
    "2019-11-05, default_settings": (
        {"default_settings": {"collection_method": "send_invoice"}},
        {"collection_method": "send_invoice"},
    ),
    "a phase runs": (
        {"current_phase": {"start_date": START, "end_date": END}},
        {"current_phase_start": AT_START, "current_phase_end": AT_END},
    ),
    "no phase runs": ({"current_phase": None}, {"current_phase_start": None, "current_phase_end": None}),
    "released": (
        {"subscription": None, "released_subscription": "sub_1", "released_at": START},
        {"subscription_id": None, "released_subscription_id": "sub_1", "released_at": AT_START},
    ),
}


@each(SCHEDULES)
def test_schedules(data, expected):
    assert read(READERS[SubscriptionSchedule], data, expected) == exact(expected)


PHASES = {
    "2019-05-16, plans": ({"plans": [{"plan": "gold"}, {"plan": "silver"}]}, {"price_ids": ["gold", "silver"]}),
    "2020-08-27, items": (
        {"items": [{"price": "price_1", "plan": "price_1"}, {"price": {"id": "price_2", "object": "price"}}]},
        {"price_ids": ["price_1", "price_2"]},
    ),
    "2020-08-27, a plan without a price": ({"items": [{"plan": "gold", "price": None}]}, {"price_ids": ["gold"]}),
    "times": ({"start_date": START, "end_date": END}, {"start_date": AT_START, "end_date": AT_END}),
    "nonsense": ({"items": {"data": []}, "plans": [None, 5, {}]}, {"price_ids": []}),
    "nothing": ({}, {"price_ids": [], "trial": None}),
}


@each(PHASES)
def test_phases(data, expected):
    assert read(READERS[SubscriptionSchedulePhase], data, expected) == exact(expected)
