"""Where Stripe's objects are read, and what is there. All of it comes from the table of object types."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from ...catalogue.objects import OBJECT_TYPES, PLACEHOLDER, ObjectType

SEGMENT = "([^/]+)"


@dataclass(frozen=True)
class ListAddress:
    """The address of a list, or of the one object of a type that an account has."""

    #: Below `/v1/`, with a placeholder for the id of a parent: `customers/{customer}/sources`.
    path: str
    #: The types of what is there, most often one.
    entries: tuple[ObjectType, ...]

    @property
    def parent(self) -> str:
        """Attribute of the entries that names the object below which the list is; "" for a list of its own."""
        return next(iter(PLACEHOLDER.findall(self.path)), "")

    @property
    def owner(self) -> ObjectType | None:
        """Type of the object below which the list is."""
        return LIST_ADDRESSES[self.path.partition("/{")[0]].entries[0] if self.parent else None

    @property
    def name(self) -> str:
        """What Stripe's refusals call an entry."""
        return self.entries[0].name if len(self.entries) == 1 else self.path.rpartition("/")[2].removesuffix("s")

    @property
    def is_single(self) -> bool:
        """Whether there is one object without an id: the balance."""
        return not self.entries[0].has_id

    @property
    def is_listed(self) -> bool:
        return any(row.is_listed or row.path != self.path for row in self.entries)

    @property
    def is_read(self) -> bool:
        return any(row.is_read for row in self.entries)

    @property
    def pattern(self) -> str:
        """Matches the address, and that of an entry."""
        return f"/v1/{PLACEHOLDER.sub(SEGMENT, self.path)}(?:/{SEGMENT})?"


@dataclass(frozen=True)
class RequestedPlace:
    """What a request asks for: a list, or an entry of it."""

    address: ListAddress
    #: Id of the object below which the list is; "" for a list of its own.
    owner_id: str = ""
    #: Id of the entry; "" for the list.
    entry_id: str = ""


def _lists() -> Iterator[ListAddress]:
    paths = {path: None for row in OBJECT_TYPES.values() for path in (row.path, *row.further_paths) if path}
    for path in paths:
        yield ListAddress(path, tuple(row for row in OBJECT_TYPES.values() if path in (row.path, *row.further_paths)))


#: Path of a list -> its address.
LIST_ADDRESSES = {address.path: address for address in _lists()}
ADDRESS_PATTERNS = [(re.compile(address.pattern), address) for address in LIST_ADDRESSES.values()]
#: What a customer can have in `/v1/customers/:id/sources`.
TYPES_OF_SOURCES = tuple(row.name for row in LIST_ADDRESSES["customers/{customer}/sources"].entries)


def place_at(path: str) -> RequestedPlace | None:
    """What is at an address; None for nothing."""
    for pattern, address in ADDRESS_PATTERNS:
        found = pattern.fullmatch(path)
        if found:
            ids = [unquote(segment or "") for segment in found.groups()]
            return RequestedPlace(address, owner_id=ids[0] if address.parent else "", entry_id=ids[-1])
    return None


def list_below(owner: ObjectType, attribute: str) -> ListAddress:
    """The list below objects of a type, such as the `sources` of a customer."""
    return next(each for each in LIST_ADDRESSES.values() if each.owner is owner and each.path.endswith(f"/{attribute}"))


def type_named(parameter: str, row: ObjectType) -> ObjectType | None:
    """The type of object that a parameter of a type's list names: `card` is an `issuing.card` among `issuing.token`."""
    return OBJECT_TYPES.get(row.owners.get(parameter, parameter))


def embedded_as(owner: ObjectType, row: ObjectType, path: str) -> str:
    """The attribute in which an owner has those of its entries that are kept in it."""
    if owner.part is not None and owner.part.object_type == row.name:
        return owner.part.attribute
    return path.rpartition("/")[2]
