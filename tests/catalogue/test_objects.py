"""The table of object types, held against the catalogue of event types, the models and the SDK."""

import pytest
from django.apps import apps

from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import EXTERNAL_ACCOUNT, OBJECT_TYPES, RENAMED, ObjectType, object_type
from pinax.stripe.models import MirroredObject, OtherObject

from .sdk import NEWEST, attributes, chosen_words, demanded_parameters, sdk_classes

ROWS = list(OBJECT_TYPES.values())
#: What the SDK has no class of any more, and a hash without an `object` string.
GONE = {"sku", "order", "recipient", "bitcoin_receiver", "bitcoin_transaction", "subscription_schedule_phase"}
#: Paths below a parent, which the SDK's classes do not tell.
PARENTS = {row.name for row in ROWS if row.parents}
#: Has a `status` in some shapes only.
NO_STATUS = {"card"}
#: No events of their own, no rows of their own: lists, parts of answers, what lives for minutes.
NOT_OBJECTS = {
    *("account_link", "account_session", "billing.feedback_option", "billing.meter_event"),
    *("billing.meter_event_adjustment", "confirmation_token", "connect_collection_transfer", "customer_session"),
    *("event", "file_upload", "financial_connections.account_owner", "financial_connections.account_ownership"),
    *("financial_connections.session", "funding_instructions", "issuing.physical_bundle", "list", "login_link"),
    *("payment_intent_amount_details_line_item", "reserve_transaction", "search_result", "tax.association"),
    *("tax.calculation_line_item", "tax.location", "tax.transaction_line_item", "tax_deducted_at_source"),
    *("terminal.connection_token", "terminal.onboarding_link", "token", "treasury.financial_account_features"),
}


def by_name(row):
    return row.name


@pytest.mark.parametrize("event_type", EVENT_TYPES.values(), ids=lambda event_type: event_type.name)
def test_each_object_of_the_event_catalogue_has_a_row_that_knows_the_type(event_type):
    for name in event_type.object_types:
        prefixes = OBJECT_TYPES[name].event_prefixes
        assert event_type.name in prefixes or event_type.name.rpartition(".")[0] in prefixes


def test_each_event_prefix_is_one_of_the_catalogue():
    known = {name for event_type in EVENT_TYPES for name in (event_type, event_type.rpartition(".")[0])}
    named = {prefix for row in ROWS for prefix in row.events}
    assert named <= known


def test_each_mirrored_model_is_that_of_one_row():
    models = {model.__name__ for model in apps.get_app_config("pinax_stripe").get_models()}
    mirrored = {
        model.__name__
        for model in apps.get_app_config("pinax_stripe").get_models()
        if issubclass(model, MirroredObject) and model is not OtherObject
    }
    named = [row.model for row in (*ROWS, EXTERNAL_ACCOUNT) if row.model]
    assert sorted(named) == sorted(mirrored)
    assert set(named) <= models


@pytest.mark.parametrize("row", [row for row in ROWS if row.part], ids=by_name)
def test_a_part_is_a_row_that_names_its_owner(row):
    part = OBJECT_TYPES[row.part.object_type]
    model = apps.get_model("pinax_stripe", part.model)
    owner = model._meta.get_field(row.part.owner)
    assert owner.related_model.__name__ == row.model


@pytest.mark.parametrize("row", [row for row in ROWS if row.embedded], ids=by_name)
def test_what_is_embedded_is_a_list_of_the_sdk_or_of_old_versions(row):
    assert set(row.embedded) <= {"sources", "cards", "subscriptions", "refunds"}


@pytest.mark.parametrize("row", [row for row in ROWS if row.model], ids=by_name)
def test_lists_of_whole_objects_can_be_read_whole(row):
    assert set(row.embedded) <= row.lists.keys()


@pytest.mark.parametrize("row", [row for row in ROWS if row.model], ids=by_name)
def test_a_row_with_a_model_knows_its_page_in_stripe_s_reference(row):
    assert row.reference_url.startswith("https://docs.stripe.com/api/")
    assert "{" not in row.reference_url


def test_deletions_that_are_none_are_types_of_the_object():
    for row in ROWS:
        for name in row.not_deleted_by:
            assert row.name in EVENT_TYPES[name].object_types


@NEWEST
def test_no_object_with_an_id_is_missing():
    assert set(sdk_classes()) - set(OBJECT_TYPES) == NOT_OBJECTS
    assert set(OBJECT_TYPES) - set(sdk_classes()) == GONE


@NEWEST
@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in GONE], ids=by_name)
def test_what_an_object_lacks_is_what_the_sdk_does_not_name(row):
    named = sdk_classes()[row.name].__annotations__
    assert {name for name in ("created", "livemode", "metadata") if name not in named} == set(row.lacks)
    assert ("id" in named) == row.has_id
    assert row.created in ("", *named)


#: Attributes that are secrets in whatever has them. A `number` or an `url` may be one, depending on the object.
SECRET_NAMES = {"account_number", "client_secret", "cvc", "iban", "id_number", "password", "secret", "ssn_last_4"}


@NEWEST
@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in GONE], ids=by_name)
def test_no_secret_that_the_sdk_names_is_missing(row):
    assert attributes(sdk_classes()[row.name]) & SECRET_NAMES <= row.secrets


@NEWEST
@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in GONE | PARENTS and row.path], ids=by_name)
def test_paths_are_those_of_the_sdk(row):
    sdk = sdk_classes()[row.name]
    assert sdk.class_url() == f"/v1/{row.path}"
    assert ("list" in vars(sdk)) == row.is_listed
    assert ("retrieve" in vars(sdk)) == row.is_read


@NEWEST
@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in GONE], ids=by_name)
def test_an_object_with_a_customer_says_so(row):
    assert ("customer" in sdk_classes()[row.name].__annotations__) == ("customer" in row.customer)


@pytest.mark.parametrize("row", [row for row in ROWS if row.owners], ids=by_name)
def test_what_an_object_belongs_to_is_of_a_type_with_a_row(row):
    assert set(row.owners.values()) <= {*OBJECT_TYPES, ""}


@NEWEST
@pytest.mark.parametrize("row", [row for row in ROWS if row.is_listed and row.path and not row.parents], ids=by_name)
def test_lists_demand_the_parameters_that_the_sdk_demands(row):
    if row.name in GONE:
        assert not row.list_demands
    else:
        assert set(row.list_demands) == demanded_parameters(sdk_classes()[row.name])


@pytest.mark.parametrize("row", [row for row in ROWS if row.status_events], ids=by_name)
def test_events_of_statuses_are_types_of_the_object(row):
    for changes in row.status_events.values():
        for change in changes.split():
            assert row.name in EVENT_TYPES[f"{row.event_prefixes[0]}.{change}"].object_types


@NEWEST
@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in GONE], ids=by_name)
def test_statuses_are_those_of_the_sdk(row):
    """Of some types it names none; where an event has the name of a status, it tells of that."""
    known = chosen_words(sdk_classes()[row.name], "status")
    named = {row.new_status, row.status_after_deletion, *row.status_events, *row.ended_statuses} - {""}
    assert not known or named <= known
    assert {status for status in known if f"{row.event_prefixes[0]}.{status}" in EVENT_TYPES} <= set(row.status_events)
    assert bool(row.new_status) == ("status" in sdk_classes()[row.name].__annotations__) or row.name in NO_STATUS


def test_an_old_name_is_found_under_its_new_one():
    assert RENAMED == {"file_upload": "file", "issuer_fraud_record": "radar.early_fraud_warning"}
    assert object_type("file_upload") is OBJECT_TYPES["file"]
    assert object_type("transfer").name == "transfer"


def test_a_type_newer_than_this_release_has_a_plain_row():
    plain = ObjectType(name="hologram", customer=("customer",), is_listed=False, is_read=False)
    assert object_type("hologram") == plain
