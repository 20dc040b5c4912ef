"""Who may do what: the decision against one written out independently, and what it costs."""

import fnmatch
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auth.caller import ANONYMOUS, Caller
from auth.limits import CallerLimits
from auth.policy import Policy
from auth.rules import Rule

IDS = ("a", "ab", "abc", "b", "b-1", "b.1")
WHO = ("public", "authenticated", "major", "minor")
LISTS = st.frozensets(st.sampled_from(WHO), max_size=3)
PATTERNS = st.sampled_from((*IDS, "*", "a*", "?", "b?1", "ab*", "*c", "none"))


@st.composite
def rules(draw):
    made = []
    for number, pattern in enumerate(draw(st.lists(PATTERNS, max_size=5))):
        lists = draw(st.dictionaries(st.sampled_from(("discover", "view", "download")), LISTS, min_size=1))
        own = pattern in IDS and draw(st.booleans())
        made.append(Rule(datasets=pattern, lists=lists, where=f"access.{number}", own=own))
    return made


def callers():
    profiles = st.frozensets(st.sampled_from(("major", "minor", "public", "authenticated")))
    known = st.builds(lambda found: Caller(subject="me", profiles=found), profiles)
    # What has no account has no profiles either, whatever it says.
    return st.one_of(st.just(ANONYMOUS), known, st.builds(lambda found: Caller(profiles=found), profiles))


def naive(rules, caller, dataset, action):
    """Decide as the documentation says, step by step."""
    if not rules:
        return True
    order = ["discover", "view", "download"]

    def specific(rule):
        wild = any(letter in rule.datasets for letter in "*?")
        return (rule.own, not wild, sum(letter not in "*?" for letter in rule.datasets))

    matching = sorted(
        (rule for rule in rules if fnmatch.fnmatchcase(dataset, rule.datasets)), key=specific, reverse=True
    )
    for needed in order[: order.index(action) + 1]:
        names = None
        for stronger in order[order.index(needed) :]:
            for rule in matching:
                if names is None and stronger in rule.lists:
                    names = rule.lists[stronger]
        words = {"public"} | ({"authenticated", *caller.profiles} if caller.subject is not None else set())
        if not words & (names or set()):
            return False
    return True


@given(
    rules=rules(),
    caller=callers(),
    dataset=st.sampled_from(IDS),
    action=st.sampled_from(["discover", "view", "download"]),
)
@example(rules=[], caller=ANONYMOUS, dataset="a", action="download")
def test_a_decision_is_the_one_that_the_rules_say(rules, caller, dataset, action):
    policy = Policy(IDS, rules)
    assert policy.allows(caller, dataset, action) == naive(rules, caller, dataset, action)
    assert policy.allows(caller, dataset, action) == (not policy.lacking(caller, dataset, action))


@given(rules=rules(), caller=callers(), action=st.sampled_from(["discover", "view", "download"]))
def test_what_is_unknown_is_nobodys(rules, caller, action):
    assert not Policy(IDS, rules).allows(caller, "elsewhere", action)
    assert not Policy(IDS, rules).public("elsewhere", action)


@given(
    rules=rules(),
    caller=callers(),
    dataset=st.sampled_from(IDS),
    action=st.sampled_from(["discover", "view", "download"]),
)
def test_what_is_public_is_so_for_everybody_and_else_not_for_the_anonymous(rules, caller, dataset, action):
    policy = Policy(IDS, rules)
    assert policy.public(dataset, action) == policy.allows(ANONYMOUS, dataset, action)
    if policy.public(dataset, action):
        assert policy.allows(caller, dataset, action)


def rule(datasets, where="access.0", *, own=False, **lists):
    return Rule(
        datasets=datasets, lists={action: frozenset(names) for action, names in lists.items()}, where=where, own=own
    )


ME = Caller(subject="me", profiles=frozenset({"major"}))


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ([], "public: discover view download"),
        ([rule("*", download=["public"])], "public: discover view download"),
        ([rule("*", view=["public"])], "public: discover view"),
        ([rule("other", view=["public"])], ""),
        ([rule("*", view=["public"]), rule("sea", view=["major"], download=["major"])], "major: view download"),
        ([rule("s*", view=["public"]), rule("se*", view=[])], ""),
        ([rule("sea", view=["public"]), rule("sea", view=["major"], own=True)], "major: discover view"),
        ([rule("*", view=["major"], download=["public"])], "major: discover view download"),
        ([rule("*", download=["public"]), rule("sea", discover=["major"], own=True)], "major: discover view download"),
    ],
)
def test_the_rules_of_the_documentation(rules, allowed):
    policy = Policy(["sea"], rules)
    who, _, actions = allowed.partition(": ")
    caller = ANONYMOUS if who == "public" else ME
    for action in actions.split():
        assert policy.allows(caller, "sea", action), action
        assert policy.allows(ME, "sea", action), action
    if who == "major":
        assert not policy.allows(ANONYMOUS, "sea", actions.split()[0])
    if not allowed:
        assert not any(policy.allows(ME, "sea", action) for action in ("discover", "view", "download"))
    if "download" not in allowed:
        assert not policy.allows(ME, "sea", "download")


def test_a_unit_is_guarded_by_what_is_written_and_not_by_what_is_there():
    restricted = [rule("*", download=["public"]), rule("none-such", view=["major"])]
    assert Policy([], restricted).guarded
    assert Policy(["none-such"], restricted).guarded
    assert not Policy(["sea"], [rule("*", view=["public"])]).guarded
    assert not Policy(["sea"], []).guarded


LIMITS = {
    "public": CallerLimits(pixels=100, requests=2),
    "authenticated": CallerLimits(bytes=10),
    "major": CallerLimits(bytes=50, pixels=50),
    "minor": CallerLimits(bytes=20, pixels=500),
}


@pytest.mark.parametrize(
    ("caller", "limits"),
    [
        (ANONYMOUS, CallerLimits(pixels=100, requests=2)),
        (Caller(subject="me"), CallerLimits(bytes=10, pixels=100, requests=2)),
        (ME, CallerLimits(bytes=50, pixels=100, requests=2)),
        (
            Caller(subject="me", profiles=frozenset({"major", "minor", "x"})),
            CallerLimits(bytes=50, pixels=500, requests=2),
        ),
    ],
)
def test_of_each_limit_the_most_generous_profile_counts(caller, limits):
    policy = Policy([], [], LIMITS)
    assert policy.limits(caller) == limits == policy.limits(caller)


def test_a_large_policy_is_compiled_to_one_look_up_for_each_decision():
    """561 datasets by 20 profiles: what a decision looks up does not grow with the rules."""
    profiles = [f"profile-{letter}" for letter in string.ascii_lowercase[:20]]
    ids = [f"product-{number % 127:03d}-dataset-{number:03d}" for number in range(561)]
    rules = [
        rule(f"product-*-dataset-*{number}", view=[name], discover=["public"]) for number, name in enumerate(profiles)
    ]
    rules += [rule(name, own=True, download=[profiles[number % 20]]) for number, name in enumerate(ids)]
    policy = Policy(ids, rules)
    assert len(policy._lists) == 3 * len(ids)
    assert {len(lists) for lists in policy._lists.values()} <= {0, 1, 2, 3}
