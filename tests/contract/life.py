"""What happens to any mirrored object, and what its row has to show: the steps of which tests make lives."""

from pinax.stripe.models import EventStep

from .specimen import Specimen, telling_types


def changes_in_any_order(one: Specimen) -> None:
    """The row follows its object, whatever the order of the events."""
    one.deliver(one.emit(1))
    one.check()
    second, third = one.emit(2), one.emit(3)
    one.deliver(third)
    one.deliver(second, third, second)
    assert (one.change, one.row.version) == (3, 2)
    one.check()
    assert one.reads() == 0


def one_event(one: Specimen, event_type: str) -> None:
    """An event of any type that carries the object mirrors it."""
    one.deliver(one.emit(1, event_type))
    assert (one.change, one.row.is_deleted) == (1, False)


def two_changes_of_one_second(one: Specimen, order: tuple[int, int]) -> None:
    """One read of the object settles which is newer; what cannot be read stays undecided, which the timeline says."""
    events = one.emit(1), one.emit(2, wait=0)
    one.deliver(*(events[number] for number in order))
    if one.is_readable:
        assert (one.change, one.reads()) == (2, 1)
        one.check()
        return
    assert one.reads() == 0
    steps = EventStep.objects.filter(kind="mirror").order_by("pk")
    assert [row[2] for step in steps for row in step.data["rows"] if row[1] == one.key] == ["created", "undecided"]


def a_deletion(one: Specimen, event_type: str) -> None:
    """A deletion leaves a tombstone that late events do not bring back."""
    one.deliver(one.emit(1))
    late, last = one.emit(2), one.data
    one.deliver(one.delete(event_type))
    one.deliver(late)
    model = type(one.row)
    assert (one.change, one.row.is_deleted, model.objects.filter(pk=one.key).exists()) == (2, True, False)
    assert one.reads() == 0
    # Only an event of a later second can: of ids that people choose at once, of others if Stripe has the object again.
    one.stripe.advance(2)
    one.deliver(one.stripe.emit(telling_types(one.type.name)[0], last, account=one.account, keep=False))
    reads = 1 if one.is_readable and not one.type.ids_can_recur else 0
    assert (one.row.is_deleted, one.reads()) == (not one.type.ids_can_recur, reads)


def one_id_on_two_accounts(platforms: Specimen, accounts: Specimen) -> None:
    """The key of an object of a connected account has the account in front."""
    platforms.deliver(platforms.emit(1), accounts.emit(2))
    assert accounts.row.pk == f"{accounts.account}/{platforms.row.pk}"
    assert (platforms.change, accounts.change) == (1, 2)
    platforms.check()
    accounts.check()
