"""Columns of mirrored tables: each class says where Stripe's JSON has the value, how it is read, and what it is.

To the database and to migrations they are Django's own. Readers (`sync/reader.py`) read by them, and the admin shows
by them. Stripe's kinds of values: https://docs.stripe.com/api
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Lookup
from django.db.models.expressions import Combinable
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ..stripe_values import (
    BIGINT,
    ID_LENGTH,
    INT,
    SMALLINT,
    decimal,
    dig,
    flag,
    identifier,
    integer,
    mapping,
    natural,
    reference,
    text,
    timestamp,
)
from .decimals import ExactDecimalField
from .words import TONES


class StripeColumn:
    """The base of every column here; it stands before one of Django's field classes among a class's bases.

    `source` is the path of the value in Stripe's object, such as `status_transitions.paid_at`; by default it is the
    column's name. It may be a tuple of paths, for the shapes of several API versions: the first that leads to a usable
    value counts.
    """

    #: Whether the object says what the column holds; else the rows of other objects do, and the object never clears it.
    is_filled = True
    #: The class that migrations name.
    migrated_as: ClassVar[str]
    #: What the column holds when the object says nothing.
    nothing: ClassVar[Any] = None
    #: Django's: the name of the attribute, and of the one that holds the value, which is another for references.
    name: str
    attname: str

    def __init__(self, *args: Any, source: str | tuple[str, ...] = (), **kwargs: Any) -> None:
        self.source = (source,) if isinstance(source, str) else source
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """As Django's own class, and without what no migration needs to know."""
        name, _own, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, self.migrated_as, args, kwargs

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the value is in Stripe's object."""
        return self.source or (self.name,)

    @cached_property
    def key_paths(self) -> list[list[str]]:
        """The same, each as the keys that lead from one hash to the next."""
        return [path.split(".") for path in self.paths]

    def read(self, data: Any) -> Any:
        """The column's value in an object of any shape; `nothing` where there is none that could be used."""
        nothing = self.nothing
        for keys in self.key_paths:
            value = self.converted(dig(data, *keys))
            if value != nothing:
                return value
        return nothing

    def converted(self, value: Any) -> Any:
        """A value of Stripe's JSON as the column holds it; `nothing` for what is of another kind."""
        raise NotImplementedError


class StringField(StripeColumn, models.TextField):
    """A text; "" when there is none. `words` are what people call Stripe's words, where it is one of a list."""

    migrated_as = "django.db.models.TextField"
    nothing = ""

    def __init__(self, *args: Any, words: Mapping[str, Any] = MappingProxyType({}), **kwargs: Any) -> None:
        self.words = words
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> str:
        return text(value)

    def word(self, value: str) -> Any:
        """What people call a value, translated when it is shown; the value itself where nothing is known."""
        return self.words.get(value) or value


class NameField(StringField):
    """What people know the object by, beside its id: a name, a number. The first of several that has a value counts."""


class CurrencyField(StringField):
    """A three-letter currency code in lower case."""


class StatusField(StringField):
    """One of the words in which Stripe says what state an object is in.

    `tones` say how good that is ("good", "open", "bad", "quiet"), where a word does not mean what it mostly does.
    """

    def __init__(self, *args: Any, tones: Mapping[str, str] = MappingProxyType({}), **kwargs: Any) -> None:
        self.tones = tones
        super().__init__(*args, **kwargs)

    def word(self, value: str) -> Any:
        """What people call a status, translated when it is shown; Stripe's words where nothing is known."""
        return self.words.get(value) or value.replace("_", " ")

    def tone(self, value: str) -> str:
        """How good a status is; "quiet" for the words of which nothing is known."""
        return self.tones.get(value) or TONES.get(value, "quiet")


class LinkField(StringField):
    """The address of a page or a document on the web."""


class StripeIdField(StripeColumn, models.CharField):
    """The id of an object whose row is in no table, or in one of several; "" when there is none.

    Stripe sends the id, or the whole object where it is expanded.
    """

    migrated_as = "django.db.models.CharField"
    nothing = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", ID_LENGTH)
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> str:
        return identifier(value)


class NullableColumn(StripeColumn):
    """None when the object says nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        super().__init__(*args, **kwargs)


class IntegerColumn(NullableColumn):
    """A whole number."""

    if TYPE_CHECKING:
        _pyi_private_set_type: float | int | str | Combinable | None
        _pyi_private_get_type: int | None


class AmountColumn(NullableColumn):
    """An amount of money."""

    def __init__(self, *args: Any, currency: str = "currency", **kwargs: Any) -> None:
        #: Name of the column that says in which currency it is.
        self.currency = currency
        super().__init__(*args, **kwargs)


class AmountField(AmountColumn, IntegerColumn, models.BigIntegerField):  # type: ignore[misc]
    """An amount of money in minor units (https://docs.stripe.com/currencies#zero-decimal)."""

    migrated_as = "django.db.models.BigIntegerField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("Minor units."))
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> int | None:
        return integer(value)


class NumberField(IntegerColumn, models.BigIntegerField):  # type: ignore[misc]
    """A whole number that may be negative, and is no amount of money."""

    migrated_as = "django.db.models.BigIntegerField"

    def converted(self, value: Any) -> int | None:
        return integer(value)


class CountColumn(IntegerColumn):
    """A whole number from 0 to `most`."""

    #: What the database's type holds.
    largest: ClassVar[int]

    def __init__(self, *args: Any, most: int | None = None, **kwargs: Any) -> None:
        self.most = self.largest if most is None else most
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> int | None:
        return natural(value, most=self.most)


class CountField(CountColumn, models.PositiveIntegerField):  # type: ignore[misc]
    """A whole number from 0 on, of 32 bits."""

    migrated_as = "django.db.models.PositiveIntegerField"
    largest = INT


class SmallCountField(CountColumn, models.PositiveSmallIntegerField):  # type: ignore[misc]
    """A whole number from 0 on, of 16 bits."""

    migrated_as = "django.db.models.PositiveSmallIntegerField"
    largest = SMALLINT


class BigCountField(CountColumn, models.PositiveBigIntegerField):  # type: ignore[misc]
    """A whole number from 0 on, of 64 bits."""

    migrated_as = "django.db.models.PositiveBigIntegerField"
    largest = BIGINT


class DecimalColumn(NullableColumn):
    """A decimal; None also for a number that does not fit into the column."""

    max_digits: int
    decimal_places: int
    if TYPE_CHECKING:
        _pyi_private_set_type: str | float | Decimal | Combinable | None
        _pyi_private_get_type: Decimal | None

    def converted(self, value: Any) -> Decimal | None:
        return decimal(value, digits=self.max_digits, places=self.decimal_places)


class ExactAmountField(AmountColumn, DecimalColumn, ExactDecimalField):  # type: ignore[misc]
    """An amount of money in minor units and fractions of them, such as the price of one unit of many."""

    migrated_as = "pinax.stripe.models.decimals.ExactDecimalField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Stripe sends up to 12 decimals (https://docs.stripe.com/api/prices/object#price_object-unit_amount_decimal).
        kwargs.setdefault("max_digits", 32)
        kwargs.setdefault("decimal_places", 12)
        super().__init__(*args, **kwargs)


class PercentField(DecimalColumn, models.DecimalField):  # type: ignore[misc]
    """A percentage: 12.5 is 12.5 %."""

    migrated_as = "django.db.models.DecimalField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 7)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)


class RateField(DecimalColumn, ExactDecimalField):  # type: ignore[misc]
    """A rate at which Stripe converts between currencies."""

    migrated_as = "pinax.stripe.models.decimals.ExactDecimalField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 32)
        kwargs.setdefault("decimal_places", 16)
        super().__init__(*args, **kwargs)


class FlagField(NullableColumn, models.BooleanField):
    """True or False; None when the object says neither."""

    migrated_as = "django.db.models.BooleanField"
    if TYPE_CHECKING:
        _pyi_private_set_type: bool | Combinable | None  # type: ignore[assignment]
        _pyi_private_get_type: bool | None  # type: ignore[assignment]

    def converted(self, value: Any) -> bool | None:
        return flag(value)


class TimestampField(NullableColumn, models.DateTimeField):
    """A time: epoch seconds in Stripe's JSON, an aware datetime in UTC here."""

    migrated_as = "django.db.models.DateTimeField"
    if TYPE_CHECKING:
        _pyi_private_set_type: str | datetime.datetime | datetime.date | Combinable | None  # type: ignore[assignment]
        _pyi_private_get_type: datetime.datetime | None  # type: ignore[assignment]

    def converted(self, value: Any) -> datetime.datetime | None:
        return timestamp(value)


class MappingField(StripeColumn, models.JSONField):
    """A JSON object; {} when there is none."""

    migrated_as = "django.db.models.JSONField"

    @property
    def nothing(self) -> dict[str, Any]:
        """A new one each time: rows change theirs."""
        return {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> dict[str, Any]:
        return mapping(value)


class AmountsField(StripeColumn, models.JSONField):
    """Amounts of money in minor units by currency, `{"eur": 500}`; {} when there are none.

    Stripe sends such a hash, or a list of hashes with `amount` and `currency`.
    `filter(available__eur__gt=0)` finds the rows that have some, on every database.
    """

    migrated_as = "django.db.models.JSONField"

    @property
    def nothing(self) -> dict[str, int]:
        """A new one each time: rows change theirs."""
        return {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", dict)
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> dict[str, int]:
        entries = [mapping(entry) for entry in value] if isinstance(value, list) else []
        named = {text(entry.get("currency")): entry.get("amount") for entry in entries} or mapping(value)
        amounts = {currency: integer(amount) for currency, amount in named.items() if currency}
        return {currency: amount for currency, amount in amounts.items() if amount is not None}


class IdListField(StripeColumn, models.JSONField):
    """The ids of several objects, as a list of texts; [] when there are none.

    Stripe sends ids, whole objects, or one of either. `filter(discount_ids__has="di_1")` finds the rows whose list has
    an id, on every database; Django's `contains` does so on PostgreSQL alone.
    """

    migrated_as = "django.db.models.JSONField"

    @property
    def nothing(self) -> list[str]:
        """A new one each time: rows change theirs."""
        return []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> list[str]:
        found = map(reference, value if isinstance(value, list) else [value])
        return [stripe_id for stripe_id in found if stripe_id is not None]


@IdListField.register_lookup
class Has(Lookup):
    """Whether a list of ids has one, which is a text or an expression."""

    lookup_name = "has"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        listed, listed_params = self.process_lhs(compiler, connection)
        wanted, wanted_params = self.process_rhs(compiler, connection)
        found = f"EXISTS (SELECT 1 FROM json_each({listed}) WHERE value = {wanted})"  # noqa: S608
        return found, (*listed_params, *wanted_params)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        listed, listed_params = self.process_lhs(compiler, connection)
        wanted, wanted_params = self.process_rhs(compiler, connection)
        return f"{listed} @> to_jsonb({wanted}::text)", (*listed_params, *wanted_params)

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The id as a text, not as JSON."""
        return "%s", (value,)


class TextsField(NullableColumn, models.JSONField):
    """A list of texts; None when the object has no such list, [] for an empty one."""

    migrated_as = "django.db.models.JSONField"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def converted(self, value: Any) -> list[str] | None:
        return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else None


class SoftForwardDescriptor(ForwardManyToOneDescriptor):
    """Gives the row that a reference names; None when it has not arrived."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        try:
            return super().__get__(instance, cls)
        except self.field.remote_field.model.DoesNotExist:
            return None


class SoftForeignKey(StripeColumn, models.ForeignKey):
    """A foreign key on a Stripe id without a database constraint.

    Events arrive in any order, so a child may precede its parent. The column always keeps the id; reading the
    reference gives None until the parent's own event was processed.
    """

    migrated_as = "pinax.stripe.models.mirror.SoftForeignKey"
    forward_related_accessor_class = SoftForwardDescriptor
    if TYPE_CHECKING:
        _pyi_private_set_type: Any | Combinable | None
        _pyi_private_get_type: Any | None

    def __init__(self, to: Any, *, is_filled: bool = True, **kwargs: Any) -> None:
        self.is_filled = is_filled
        kwargs.update(on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, **kwargs)

    def converted(self, value: Any) -> str | None:
        """The Stripe id; the key of the row has the connected account in front of it."""
        return reference(value)


@cache
def references_of(model: type[models.Model]) -> list[SoftForeignKey]:
    """The columns of a table that are references to mirrored rows."""
    return [column for column in model._meta.concrete_fields if isinstance(column, SoftForeignKey)]
