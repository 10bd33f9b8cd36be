"""The lists of the reference pages, made of the code itself: each function here returns Markdown.

Needs a set-up Django with `pinax.stripe` installed, and no Sphinx: the tests read the same lists.
"""

import ast
import inspect
import re
from argparse import Action
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import BaseCommand, load_command_class
from django.db import models
from django.utils import timezone
from states import event_states

import pinax.stripe.checks
import pinax.stripe.conf
import pinax.stripe.management.commands
import pinax.stripe.signals
import pinax.stripe.testing
from pinax.stripe.catalogue.effects import Effect, effect_of, object_types_of
from pinax.stripe.catalogue.event_types import EVENT_TYPES
from pinax.stripe.catalogue.objects import OBJECT_TYPES, Move, ObjectType, Told
from pinax.stripe.catalogue.reasons import REASONS
from pinax.stripe.models import Event, MirroredObject, SoftForeignKey, Subscription
from pinax.stripe.testing import build_object
from pinax.stripe.testing.builders.changes import types_of_creation
from pinax.stripe.webhooks.processing import Outcome
from pinax.stripe.webhooks.responses import status_for

APP = "pinax_stripe"
#: What each outcome of an attempt means to Stripe.
OUTCOMES = {
    Outcome.DONE: "Recorded and done, now or before.",
    Outcome.DEFERRED: "Recorded, and enqueued in a task queue.",
    Outcome.REFUSED: "Not confirmed by Stripe. Recorded, and never processed.",
    Outcome.FAILED: "Genuine, but a handler or a receiver raised. Stripe sends it again.",
    Outcome.UNDECIDED: "Not verified yet. Stripe sends it again.",
    Outcome.POSTPONED: "A receiver asked to be called later. Stripe sends it again.",
    Outcome.BUSY: "Another process works on it, or the database had an error. Stripe sends it again.",
}
#: Stripe's subscription statuses, and what each says of the money.
STATUSES = {
    "incomplete": "The first payment has not succeeded yet; it has 23 hours for it.",
    "incomplete_expired": "The first payment never succeeded. It is over.",
    "trialing": "In its trial; nothing is owed yet.",
    "active": "Paid, or nothing is due.",
    "past_due": "A renewal could not be collected; Stripe is still trying.",
    "unpaid": "Stripe has stopped trying; it goes on making invoices, as drafts.",
    "canceled": "It is over.",
    "paused": "The trial ended without a way to pay; no invoices are made.",
}


# Markdown


def escaped(text: str) -> str:
    """Plain text as Markdown that says the same, with the names of settings as code."""
    return marked(re.sub(r"([\\*<\[|])", r"\\\1", " ".join(text.split())).replace("….", "…"))


def code(text: str) -> str:
    return f"`{text}`"


def marked(text: str) -> str:
    """Markdown in which the names of settings are code, too, and addresses are links."""
    text = re.sub(r"(?<![`\w])PINAX_STRIPE_[A-Z_]*[A-Z](?![`\w])", r"`\g<0>`", text)
    return re.sub(r"https://[\w./-]*[\w/]", r"<\g<0>>", text)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table; cells are Markdown, in which a bar outside of code has to be escaped already."""
    header = list(header)
    lines = [header, ["---"] * len(header), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("\n", " ") for cell in line) + " |" for line in lines)


def definitions(entries: Iterable[tuple[str, list[str]]]) -> str:
    """A definition list: terms with paragraphs."""
    blocks = []
    for term, paragraphs in entries:
        first, *others = paragraphs
        blocks.append("\n\n".join([f"{term}\n: {first}", *(f"  {text}" for text in others)]))
    return "\n\n".join(blocks)


def paragraphs(docstring: str | None) -> list[str]:
    """The paragraphs of a docstring, each on one line."""
    parts = inspect.cleandoc(docstring or "").split("\n\n")
    return [marked(" ".join(part.split())) for part in parts if part.strip()]


# Reading the source


def comments(source: str) -> dict[str, str]:
    """`#:` comments by the name of what is assigned below them: `NAME`, `Class.NAME`, `Class.attribute` of self."""
    lines = source.splitlines()
    found = {}
    for owner, node in assignments(ast.parse(source)):
        above: list[str] = []
        number = node.lineno - 2
        while number >= 0 and lines[number].lstrip().startswith("#:"):
            above.insert(0, lines[number].lstrip().removeprefix("#:").strip())
            number -= 1
        name = target_name(node)
        if name and above:
            found[f"{owner}.{name}" if owner else name] = " ".join(above)
    return found


def assignments(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    """Assignments of a module, of its classes, and of their methods."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            yield owner, node
        elif isinstance(node, ast.ClassDef):
            yield from assignments(node, node.name)
        elif isinstance(node, ast.FunctionDef):
            yield from assignments(node, owner)


def target_name(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    if isinstance(target, ast.Attribute):
        return target.attr
    return target.id if isinstance(target, ast.Name) else ""


def source_of(thing: Any) -> str:
    """The text of the module that something is defined in."""
    return Path(inspect.getsourcefile(thing) or "").read_text(encoding="utf-8")


# Settings


def settings_names() -> list[str]:
    return [f"{pinax.stripe.conf.SETTINGS_PREFIX}{name}" for name in setting_defaults()]


def setting_defaults() -> dict[str, ast.expr]:
    """The expression of each default, in the order of the source: never its value, which may be a real key."""
    tree = ast.parse(source_of(pinax.stripe.conf))
    found = {}
    for owner, node in assignments(tree):
        name = target_name(node)
        if owner == "PinaxStripeConf" and name.isupper() and node.value is not None:
            found[name] = node.value
    return found


def default_text(value: ast.expr) -> str:
    """The default of a setting."""
    names = [
        name.args[0].value
        for name in ast.walk(value)
        if isinstance(name, ast.Call) and ast.unparse(name.func) == "from_environment"
    ]
    if isinstance(value, ast.Name):
        return f"Default: {code(repr(getattr(pinax.stripe.conf, value.id)))}"
    if not names:
        return f"Default: {code(ast.unparse(value))}"
    variables = [f"`{prefix}{name}`" for name in names for prefix in ("PINAX_STRIPE_", "STRIPE_")]
    return f"Default: the first of {', '.join(variables)} in the environment; else empty."


def settings() -> str:
    described = comments(source_of(pinax.stripe.conf))
    return definitions(
        (
            code(f"{pinax.stripe.conf.SETTINGS_PREFIX}{name}"),
            [described.get(f"PinaxStripeConf.{name}", ""), default_text(value)],
        )
        for name, value in setting_defaults().items()
    )


# Checks


def check_rows() -> list[tuple[str, str, str, str]]:
    """Id, level, message and hint of each check, sorted by id."""
    rows = []
    for node in ast.walk(ast.parse(source_of(pinax.stripe.checks))):
        if not isinstance(node, ast.Call):
            continue
        options = {keyword.arg: keyword.value for keyword in node.keywords}
        if "id" in options and node.args:
            hint = text_of(options["hint"]) if "hint" in options else ""
            rows.append((text_of(options["id"]), ast.unparse(node.func), text_of(node.args[0]), hint))
    return sorted(rows)


def text_of(node: ast.expr) -> str:
    """A string, with … for what is only known when the check runs."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return "PINAX_STRIPE_" if ast.unparse(node.value) == "PREFIX" else "…"
    if isinstance(node, ast.Call):  # A translation.
        return text_of(node.args[0])
    return str(node.value) if isinstance(node, ast.Constant) else "…"


def check_names() -> list[str]:
    return [row[0] for row in check_rows()]


def checks() -> str:
    return definitions(
        (code(name), [f"{level}: {escaped(message)}", *([escaped(hint)] if hint else [])])
        for name, level, message, hint in check_rows()
    )


# Reasons and answers


def reasons() -> str:
    valid = {True: "`True`", False: "`False`", None: "`None`"}
    return table(
        ("Reason", "`valid`", "Answer", "What it means", "What you can do"),
        (
            (
                code(name),
                valid[reason.valid],
                str(reason.status),
                escaped(str(reason.text)),
                escaped(str(reason.advice)),
            )
            for name, reason in REASONS.items()
        ),
    )


def outcomes() -> str:
    return table(
        ("Answer", "What it means"), ((str(status_for(Event(), outcome)), OUTCOMES[outcome]) for outcome in Outcome)
    )


# Event types and signals


def is_mirrored(name: str) -> bool:
    """Whether the object of a type's events is a row of a table of its own."""
    return effect_of(name) is not Effect.NOTHING and all(row.model for row in object_types_of(name))


def moved_by(name: str) -> list[str]:
    """Types of the objects that are read again with events of a type."""
    movers = {row.name for row in object_types_of(name)}
    return [
        row.name
        for row in OBJECT_TYPES.values()
        if any(is_read(move, name) and move.by in movers for move in row.moved_by)
    ]


def is_read(move: Move, event_type: str) -> bool:
    """Whether events of a type may read what a rule is about."""
    return not move.is_gone and (not move.event_types or bool(move.statuses) or event_type in move.event_types)


def event_types() -> str:
    """A list for each family: what comes before the first dot."""
    families: dict[str, list[str]] = {}
    for name in EVENT_TYPES:
        families.setdefault(name.partition(".")[0], []).append(name)
    return "\n\n".join(
        f"## {family}\n\n{definitions((code(name), [meaning(name)]) for name in names)}"
        for family, names in sorted(families.items())
    )


def meaning(name: str) -> str:
    """The description, what the event carries, and whether that is mirrored."""
    event_type = EVENT_TYPES[name]
    carried = " or ".join(map(code, event_type.object_types))
    remarks = [f"carries {carried}" if carried else "carries nothing"]
    if is_mirrored(name):
        remarks.append("mirrored")
    remarks += [f"reads the {code(moved)} again" for moved in moved_by(name)]
    if not event_type.current:
        remarks.append("no longer sent by Stripe")
    return f"{escaped(str(event_type.description))} *({', '.join(remarks)})*"


def moves() -> str:
    """Which events read which other objects again."""
    return table(
        ("With the events of", "is read again"),
        (
            (moving(move), moved(row, move))
            for row in OBJECT_TYPES.values()
            for move in row.moved_by
            if not move.is_gone
        ),
    )


# What nothing tells


def types_with_tables() -> list[ObjectType]:
    """Those whose rows are not parts of other objects."""
    parts = {row.part.object_type for row in OBJECT_TYPES.values() if row.part is not None}
    return sorted((row for row in OBJECT_TYPES.values() if row.model and row.name not in parts), key=by_model)


def by_model(row: ObjectType) -> str:
    return row.model


def last_parts(row: ObjectType) -> list[str]:
    """How the types of events end that Stripe makes about a type of object, or about all of a customer's in one.

    Deletions are left out.
    """
    about = {row.name, f"{row.name}_summary"}
    found = [each.name for each in EVENT_TYPES.values() if each.current and about & {*each.object_types}]
    return sorted({name.rpartition(".")[2] for name in found} - {"deleted"})


def has_no_events(row: ObjectType) -> bool:
    return not last_parts(row)


def is_created_silently(row: ObjectType) -> bool:
    """Whether no event tells of a new object, though there are events about such objects later."""
    if has_no_events(row) or f"{row.name}_summary" in OBJECT_TYPES:
        return False
    # What a customer may have or not begins without one; other objects are a customer's from the beginning.
    customer = "cus_1" if row.is_customer_owned else None
    return not types_of_creation(build_object(row.name, customer=customer))


def is_edited_silently(row: ObjectType) -> bool:
    """Whether only some changes have events. What can be edited has metadata; an entry in a ledger has none."""
    told = {*last_parts(row)}
    is_entry = told == {"created"} and "metadata" in row.lacks
    return bool(told) and "updated" not in told and not is_entry


def read_with(row: ObjectType) -> list[str]:
    """With which events such objects are read all the same."""
    movers = list(dict.fromkeys(f"read with the events of {moving(move)}" for move in row.moved_by if not move.is_gone))
    listed = {
        event_type
        for owner in OBJECT_TYPES.values()
        for each in owner.listed_with_events
        if each.object_type == row.name
        for event_type in each.event_types
    }
    return movers + [f"read with {code(event_type)}" for event_type in sorted(listed)]


def silence() -> str:
    """What changes at Stripe and no event tells of, by table."""
    return table(
        ("Object", "No event tells of", "What does"),
        ((code(row.model), what, instead) for row in types_with_tables() for what, instead in silences(row)),
    )


def silences(row: ObjectType) -> Iterator[tuple[str, str]]:
    """What no event tells of one type, and what says it instead; "" where only a reading does."""
    instead = ", ".join(read_with(row))
    if has_no_events(row):
        yield "any of it", instead
    if is_created_silently(row):
        yield "a new one", instead
    if is_edited_silently(row):
        yield f"changes but {', '.join(map(code, last_parts(row)))}", ""
    by_time = {name for name in row.changed_silently if name in row.changed_by_time}
    if row.changed_silently - by_time:
        yield ", ".join(map(code, sorted(row.changed_silently - by_time))), ""
    for column, says in row.changed_by_time.items():
        yield f"{code(column)}, when time passes", code(called(row, says))


def called(row: ObjectType, name: str) -> str:
    """The name of a column, or a call of a method with a moment."""
    member = getattr(apps.get_model(APP, row.model), name)
    return f"{name}(at)" if inspect.isfunction(member) else name


def silence_in_short() -> str:
    """The same in one paragraph."""
    rows = types_with_tables()
    models = {
        kind: ", ".join(code(row.model) for row in rows if kind(row))
        for kind in (has_no_events, is_created_silently, is_edited_silently)
    }
    attributes = [
        f"{', '.join(map(code, sorted(names)))} of {code(row.model)}"
        for row in rows
        if (names := row.changed_silently - {*row.changed_by_time})
    ]
    timed = [
        f"{code(f'{row.model}.{column}')} ({code(called(row, says))} says it)"
        for row in rows
        for column, says in row.changed_by_time.items()
    ]
    return (
        "Of some changes Stripe makes no event, so a row shows them with the next event of its object, or once you "
        f"read it (`stripe_sync` does). Any change of {models[has_no_events]}; a new {models[is_created_silently]}; "
        f"an edit of {models[is_edited_silently]}; {'; '.join(attributes)}; and what time alone changes: "
        f"{', '.join(timed)}."
    )


def told() -> str:
    """Columns that only some API versions can express, and in which."""
    return table(
        ("Column", "Objects tell of it"),
        (
            (", ".join(code(f"{row.model}.{column}") for column in columns), versions_of(which))
            for row in OBJECT_TYPES.values()
            for which, columns in grouped(row.told).items()
        ),
    )


def grouped(told: Mapping[str, Told]) -> dict[Told, list[str]]:
    """The columns of which the same versions tell."""
    found: dict[Told, list[str]] = {}
    for column, which in told.items():
        found.setdefault(which, []).append(column)
    return found


def versions_of(which: Told) -> str:
    parts = [f"since {which.since}"] if which.since else []
    return " and ".join([*parts, *([f"before {which.until}"] if which.until else [])])


def moving(move: Move) -> str:
    """The objects whose events a rule is about."""
    parts = [f"a {code(move.by)}" if move.by else "any object"]
    if move.when_set:
        parts.append(f"with {code(move.when_set)}")
    if move.when_unset:
        parts.append(f"without {code(move.when_unset)}")
    if move.whole:
        parts.append("that does not show it whole")
    if move.event_types and not move.statuses:
        parts.append(f"({', '.join(map(code, sorted(move.event_types)))})")
    if move.statuses:
        parts.append(f"whose status is {' or '.join(map(code, sorted(move.statuses)))}")
    return " ".join(parts)


def moved(row: ObjectType, move: Move) -> str:
    """The objects that a rule reads again."""
    parts = [f"the {code(row.name)}"]
    if move.named_in:
        parts.append(f"whose {code(move.named_in)} it is")
    if move.only_missing:
        parts.append("that has no row yet")
    if move.settled:
        words = (
            f"{code(column)} is {' or '.join(map(code, sorted(values)))}" for column, values in move.settled.items()
        )
        parts.append(f"unless its {' or its '.join(words)}")
    return " ".join(parts)


def signals() -> str:
    described = comments(source_of(pinax.stripe.signals))
    return definitions((code(name), [described[name]]) for name in signal_names())


def signal_names() -> list[str]:
    kinds = (pinax.stripe.signals.Signal, pinax.stripe.signals.WebhookSignals)
    return [name for name, value in vars(pinax.stripe.signals).items() if isinstance(value, kinds)]


# Commands


def command_names() -> list[str]:
    folder = Path(pinax.stripe.management.commands.__path__[0])
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def commands() -> str:
    return "\n\n".join(command(name) for name in command_names())


def command(name: str) -> str:
    instance = load_command_class("pinax.stripe", name)
    parser = instance.create_parser("manage.py", name)
    parts = [f"## {name}", str(instance.help)]
    common = {action.dest for action in BaseCommand().create_parser("manage.py", name)._actions}
    parts += options([action for action in parser._actions if action.dest not in common])
    return "\n\n".join(parts)


def options(actions: list[Action]) -> list[str]:
    """Arguments and options; of subcommands, each with its own."""
    plain = [action for action in actions if not isinstance(action.choices, dict)]
    parts = [definitions((code(spelled(action)), [help_of(action)]) for action in plain)] if plain else []
    for action in actions:
        if isinstance(action.choices, dict):
            helps = {choice.dest: choice.help for choice in getattr(action, "_choices_actions", [])}
            for word, parser in action.choices.items():
                parts += [f"### {word}", helps.get(word) or parser.description or ""]
                parts += options([own for own in parser._actions if own.dest != "help"])
    return [part for part in parts if part]


def spelled(action: Action) -> str:
    """How an option is written, with its value."""
    value = action.metavar or action.dest.upper()
    if not action.option_strings:
        return str(action.metavar or action.dest)
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def help_of(action: Action) -> str:
    text = escaped(action.help or "")
    if action.option_strings and action.nargs != 0 and action.default not in (None, ""):
        text += f" Default: {code(str(action.default))}."
    return text


# Models


def model_classes() -> list[type[models.Model]]:
    return sorted(apps.get_app_config(APP).get_models(), key=lambda model: model.__name__)


def mirrored_models() -> str:
    """What every mirrored row has, then each table with what it adds."""
    shared = ["## Every mirrored row", *paragraphs(MirroredObject.__doc__), fields(MirroredObject)]
    entries = [(code(name), [text]) for name, text in documented(MirroredObject, "")]
    tables = [model(each) for each in model_classes() if issubclass(each, MirroredObject)]
    return "\n\n".join([*shared, definitions(entries), *tables])


def event_models() -> str:
    """The tables of events and of what happened to them."""
    others = [each for each in model_classes() if each is not Event and not issubclass(each, MirroredObject)]
    return "\n\n".join(model(each) for each in [Event, *others])


def model(each: type[models.Model]) -> str:
    text = each.__doc__ or ""
    if text.startswith(f"{each.__name__}("):  # Django's own, when the class has none.
        text = ""
    parts = [f"## {each.__name__}", *paragraphs(text), address(each), fields(each), *methods(each), *lists(each)]
    return "\n\n".join(part for part in parts if part)


def address(each: type[models.Model]) -> str:
    """Where Stripe describes the object."""
    pages = [row.reference_url for row in OBJECT_TYPES.values() if row.model == each.__name__]
    return f"[As Stripe describes it]({pages[0]})." if pages else ""


def fields(each: type[models.Model]) -> str:
    """Own columns of a model, or all of an abstract one."""
    shared = {field.name for field in MirroredObject._meta.local_fields} if each is not MirroredObject else set()
    own = each._meta.local_concrete_fields if not each._meta.abstract else each._meta.local_fields
    rows = [
        (code(field.name), kind(field), about(each, field))
        for field in own
        if not (issubclass(each, MirroredObject) and field.name in shared)
    ]
    return table(("Field", "Kind", "What it holds"), rows)


#: Kind of column -> a word for it; a subclass has that of the first base that has one.
KINDS = {
    "AmountField": "amount",
    "BigAutoField": "number",
    "BigIntegerField": "integer",
    "BinaryField": "bytes",
    "BooleanField": "true or false",
    "CharField": "text",
    "DateTimeField": "time",
    "DecimalField": "decimal",
    "ExactAmountField": "decimal of minor units",
    "ExactDecimalField": "decimal",
    "JSONField": "JSON",
    "PositiveBigIntegerField": "integer",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "StripeIdField": "Stripe id",
    "TextField": "text",
    "UUIDField": "UUID",
}


def kind(field: Any) -> str:
    """What a column holds, in a word or two."""
    if field.is_relation:
        other = field.remote_field.model
        name = other if isinstance(other, str) else other._meta.object_name
        name = name.rpartition(".")[2].replace("AUTH_USER_MODEL", "User")
        return f"{'soft reference' if isinstance(field, SoftForeignKey) else 'foreign key'} to {code(name)}"
    field = getattr(field, "output_field", None) or field  # Of a generated column, what it generates.
    names = [base.__name__ for base in type(field).__mro__]
    word = next((KINDS[name] for name in names if name in KINDS), names[0])
    return f"{word}, or None" if field.null else word


def about(each: type[models.Model], field: Any) -> str:
    """The comment beside a column, else its name and help in the admin; and the values it may have, if few."""
    choices = ", ".join(code(value) for value, _ in field.flatchoices)
    return f"{words_about(each, field)} {f'One of {choices}.' if choices else ''}".strip()


def words_about(each: type[models.Model], field: Any) -> str:
    for owner in each.__mro__:
        if field.name in vars(owner) or owner in (MirroredObject, each):
            text = described(owner).get(f"{owner.__name__}.{field.name}")
            if text:
                return marked(text.replace("|", r"\|"))
    name = str(field.verbose_name)
    help_text = escaped(str(field.help_text)) if field.help_text else ""
    if name.lower() == field.name.replace("_", " "):
        return help_text
    return f"{name[:1].upper()}{name[1:]}. {help_text}".strip()


def described(owner: type) -> dict[str, str]:
    return comments(source_of(owner)) if owner.__module__.startswith("pinax.") else {}


def methods(each: type[models.Model]) -> list[str]:
    """Properties and methods of rows, then those of the manager."""
    manager = each._default_manager
    found = dict(documented(each, f"{each.__name__}."))
    for owner in (type(manager), manager._queryset_class):
        for name, text in documented(owner, f"{each.__name__}.objects."):
            found.setdefault(name, text)
    entries = [(code(name), [text]) for name, text in found.items()]
    return [definitions(entries)] if entries else []


def documented(owner: type, prefix: str) -> Iterator[tuple[str, str]]:
    """Public members of a class, and of our own classes below it, that have a docstring."""
    for cls in owner.__mro__:
        if not cls.__module__.startswith("pinax.") or (cls is MirroredObject and owner is not cls):
            continue
        for name, member in vars(cls).items():
            function = member.fget if isinstance(member, property) else member
            if name.startswith("_") or not inspect.isfunction(function) or name == "get_queryset":
                continue
            text = " ".join(paragraphs(function.__doc__))
            if text:
                yield f"{prefix}{name}{'' if isinstance(member, property) else signature(function)}", text


def signature(function: Any) -> str:
    """The parameters as they are written, without self and without types."""
    given = [p.replace(annotation=p.empty) for p in inspect.signature(function).parameters.values() if p.name != "self"]
    return str(inspect.Signature(given))


def lists(each: type[models.Model]) -> list[str]:
    """Rows of other tables that are reached from this one."""
    related = [
        f"`{relation.get_accessor_name()}` ({relation.related_model.__name__})"
        for relation in each._meta.related_objects
        if relation.get_accessor_name()
    ]
    return [f"Reached from here: {', '.join(sorted(related))}."] if related else []


# Statuses of subscriptions


def statuses() -> str:
    """What the predicates say of a subscription in each status, by asking them."""
    now = timezone.now()
    yes = {True: "yes", False: "—"}

    def row(label: str, subscription: Subscription, text: str) -> tuple[str, ...]:
        values = (subscription.is_active, subscription.will_cancel, subscription.is_canceled)
        return (label, *(yes[value] for value in values), text)

    rows = [row(code(status), Subscription(status=status), text) for status, text in STATUSES.items()]
    ending = Subscription(status="active", cancel_at_period_end=True)
    rows.append(row("`active`, cancelled for later", ending, "Paid, and its end is decided: it runs until then."))
    ended = Subscription(status="active", ended_at=now)
    rows.append(row("any, with `ended_at`", ended, "Stripe says that it has ended."))
    rows.append(row("one newer than this release", Subscription(status="new"), "Not known, so not entitled."))
    return table(("Status", "`is_active`", "`will_cancel`", "`is_canceled`", "What it means"), rows)


# The test kit


def testing() -> str:
    """Everything that `pinax.stripe.testing` offers."""
    parts = []
    for name in sorted(pinax.stripe.testing.__all__, key=str.lower):
        thing = getattr(pinax.stripe.testing, name)
        parts.append(fake(thing) if inspect.isclass(thing) else function(name, thing))
    return "\n\n".join(parts)


def function(name: str, thing: Any) -> str:
    return "\n\n".join([f"## {name}", code(f"{name}{signature(thing)}"), *paragraphs(thing.__doc__)])


def fake(cls: type) -> str:
    """A class with its attributes, then its methods in the order of the source."""
    attributes = [
        (code(name.partition(".")[2]), [text])
        for name, text in comments(source_of(cls)).items()
        if name.startswith(f"{cls.__name__}.") and not name.partition(".")[2].startswith("_")
    ]
    members = [(code(name), [text]) for name, text in documented(cls, "")]
    return "\n\n".join([f"## {cls.__name__}", *paragraphs(cls.__doc__), definitions([*attributes, *members])])


#: Name of a list -> what makes it.
TABLES: dict[str, Callable[[], str]] = {
    "checks": checks,
    "commands": commands,
    "event-models": event_models,
    "event-states": event_states,
    "event-types": event_types,
    "mirrored-models": mirrored_models,
    "outcomes": outcomes,
    "reasons": reasons,
    "settings": settings,
    "signals": signals,
    "moves": moves,
    "told": told,
    "silence": silence,
    "silence-in-short": silence_in_short,
    "statuses": statuses,
    "testing": testing,
}
#: Kind of name -> all names of that kind; where a page mentions one, it is linked.
NAMES: dict[str, Callable[[], list[str]]] = {
    "setting": settings_names,
    "check": check_names,
    "command": command_names,
    "reason": lambda: list(REASONS),
    "event-type": lambda: list(EVENT_TYPES),
    "model": lambda: [each.__name__ for each in model_classes()],
    "signal": signal_names,
}
