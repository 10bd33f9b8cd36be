"""What the installed SDK says of object types."""

import importlib
import inspect
import re

import pytest
import stripe

NEWEST = pytest.mark.skipif(stripe.VERSION < "16.1", reason="Held against the SDK that the table was made with.")


def sdk_classes():
    """Stripe's `object` strings -> the SDK's classes, of the newest SDK only: older ones lack newer types."""
    found = getattr(importlib.import_module("stripe._object_classes"), "OBJECT_CLASSES", {})
    return {
        name: getattr(importlib.import_module(entry[0]), entry[1]) if isinstance(entry, tuple) else entry
        for name, entry in found.items()
    }


def sdk_class(name):
    """The SDK's class of a type of object, or of a hash that has rows of its own."""
    if name == "subscription_schedule_phase":
        return sdk_classes()["subscription_schedule"].Phase
    return sdk_classes()[name]


def names_of_attributes(name):
    """The names of the attributes of a type of object; an account is paid to a bank account or to a card."""
    classes = ("bank_account", "card") if name == "external_account" else (name,)
    return {attribute for each in classes for attribute in sdk_class(each).__annotations__}


def attributes(sdk_class):
    """The names of all attributes of an object and of the hashes in it."""
    found = set(vars(sdk_class).get("__annotations__", ()))
    for name, inner in vars(sdk_class).items():
        if isinstance(inner, type) and not name.startswith("_"):
            found |= attributes(inner)
    return found


def demanded_parameters(sdk_class):
    """The parameters without which the SDK's type checks refuse to list objects of a class."""
    (name,) = re.findall(r"(\w+ListParams)", str(inspect.signature(sdk_class.list).parameters["params"].annotation))
    folder = sdk_class.__module__.rpartition(".")[0].replace("stripe", "stripe.params", 1)
    found = getattr(importlib.import_module(folder), name).__annotations__
    return {parameter for parameter, hint in found.items() if "NotRequired" not in str(hint)}


def chosen_words(sdk_class, path):
    """The words that Stripe chooses from for an attribute, by its dotted path; none when the SDK names none."""
    *hashes, name = path.split(".")
    for attribute in hashes:
        sdk_class = getattr(sdk_class, attribute.title().replace("_", ""), None)
    found = str(getattr(sdk_class, "__annotations__", {}).get(name, ""))
    return set(re.findall(r"'(\w+)'", found)) if "Literal" in found else set()
