"""From figures and limits to findings: one assessment for monitors and for staff."""

import dataclasses
import datetime

import pytest

from pinax.stripe.admin.overview import assessment
from pinax.stripe.models import CatchUp, Event, Verification
from pinax.stripe.upkeep import findings
from pinax.stripe.upkeep.findings import Level, Limits, Thresholds
from pinax.stripe.upkeep.statistics import Counted, EventFigures, Modes, Share

NOW = datetime.datetime(2026, 3, 4, 12, 30, tzinfo=datetime.timezone.utc)
NONE = Counted(value=0)
SOME = Counted(value=2)
THRESHOLDS = Thresholds(
    undone_minutes=Limits(warning=15, critical=60),
    failure_share=Limits(warning=0.05, critical=0.5),
    silent_hours=Limits(warning=24, critical=None),
)


def share(**columns):
    return Share(**{"genuine": 0, "failed": 0, "refused": 0, "mismatched": 0, **columns})


def event(**ago):
    return Event(stripe_id="evt_1", recorded_at=NOW - datetime.timedelta(**ago))


def caught_up(*, missing=0, **ago):
    return CatchUp(pk=1, finished_at=NOW - datetime.timedelta(**ago), missing=missing)


def verified(**columns):
    return Verification(compared=9, finished_at=NOW, **columns)


#: All is well.
FIGURES = EventFigures(
    waiting=NONE,
    of_new_accounts=NONE,
    failed=NONE,
    given_up=NONE,
    oldest=None,
    oldest_waiting=None,
    genuine=event(hours=1),
    catch_up=caught_up(hours=3),
    last_hour=share(genuine=3),
    modes=Modes(events=frozenset({False}), key=False),
)
#: What differs -> the code and the level of what is found.
FOUND = [
    ({"last_hour": share(refused=2, mismatched=1)}, "refused.wrong_secret", Level.WARNING),
    ({"modes": Modes(events=frozenset({True, False}), key=True)}, "mode.mixed", Level.WARNING),
    ({"modes": Modes(events=frozenset({True}), key=False)}, "mode.key", Level.WARNING),
    ({"failed": SOME}, "failed.some", Level.WARNING),
    ({"waiting": SOME, "oldest_waiting": event(minutes=14)}, "waiting.briefly", Level.OK),
    ({"waiting": SOME, "oldest_waiting": event(minutes=15)}, "waiting.late", Level.WARNING),
    ({"waiting": SOME, "oldest_waiting": event(hours=1)}, "waiting.late", Level.CRITICAL),
    ({"of_new_accounts": SOME}, "waiting.of_new_accounts", Level.OK),
    ({"genuine": None}, "last_seen.never", Level.OK),
    ({"genuine": event(hours=24)}, "last_seen.silent", Level.WARNING),
    ({"catch_up": None}, "catch_up.never", Level.OK),
    ({"catch_up": CatchUp(pk=1)}, "catch_up.never", Level.OK),
    ({"catch_up": caught_up(days=3)}, "catch_up.late", Level.OK),
    ({"catch_up": caught_up(hours=3, missing=2)}, "catch_up.missing", Level.OK),
    ({"verification": verified(different=2, fixed=1)}, "verification.different", Level.WARNING),
]


def found(**figures):
    return list(findings.of_figures(dataclasses.replace(FIGURES, **figures), THRESHOLDS, NOW))


def test_when_all_is_well_nothing_is_found():
    assert found() == []


@pytest.mark.parametrize(("figures", "code", "level"), FOUND)
def test_each_figure_has_its_finding(figures, code, level):
    assert [(finding.code, finding.level) for finding in found(**figures)] == [(code, level)]


def test_staff_see_every_finding_in_their_language():
    assert {code for _figures, code, _level in FOUND} == set(assessment.TEXTS)
    for figures, _code, level in FOUND:
        [finding] = found(**figures)
        sentence = assessment.sentence(finding)
        assert sentence.text
        assert sentence.tone == ("open" if level is Level.OK else "bad")


@pytest.mark.parametrize(
    ("finding", "summary"),
    [
        (findings.of_given_up(0), "No event was given up."),
        (findings.of_secret(share(refused=2)), "2 POSTs of the last hour were refused."),
        (findings.of_failures(share(genuine=9, failed=1), THRESHOLDS.failure_share), "1 of 9 events of the last hour"),
        (findings.of_silence(event(hours=2), THRESHOLDS.silent_hours, NOW), "The last event came 2.0 hours ago."),
    ],
)
def test_the_report_for_monitors_is_in_english(finding, summary):
    assert finding.summary.startswith(summary)


def test_monitors_and_staff_agree_on_a_wrong_secret_and_on_silence():
    wrong = share(refused=1, mismatched=1)
    assert found(last_hour=wrong) == [findings.of_secret(wrong)]
    last = event(hours=30)
    assert found(genuine=last) == [findings.of_silence(last, THRESHOLDS.silent_hours, NOW)]


@pytest.mark.parametrize(
    ("limits", "first"), [((15, 60), 15), ((None, 60), 60), ((None, None), 0)], ids=["both", "critical", "none"]
)
def test_the_first_limit_is_the_lower_one_that_is_set(limits, first):
    assert Limits(warning=limits[0], critical=limits[1]).first == first
