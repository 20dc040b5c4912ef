"""What one request has made use of so far, and how much each caller has under way."""

from collections import Counter

from auth.caller import Action, Caller
from auth.rules import ACTIONS
from core.problem import Problem


class UnderWay:
    """Counts, for each caller, the requests of this process that are under way."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: Counter[str] = Counter()

    def enter(self, who: str, most: int) -> None:
        """Count one in.

        Raises:
            Problem: `too_many_requests`: there are `most` already.

        """
        if self._counts.get(who, 0) >= most:
            message = f"{most} requests of yours are under way, which is as many as you may have: wait for one to end"
            raise Problem("too_many_requests", message)
        self._counts[who] += 1

    def leave(self, who: str) -> None:
        """Count one out; who has nothing under way is not remembered."""
        self._counts[who] -= 1
        if not self._counts[who]:
            del self._counts[who]

    def __len__(self) -> int:
        """Return the number of callers who have something under way."""
        return len(self._counts)


class Visit:
    """One request: whether its answer is for its caller alone, and its place among those under way."""

    __slots__ = ("_entered", "_under_way", "action", "datasets", "personal", "who")

    def __init__(self, caller: Caller, remote: str | None, under_way: UnderWay) -> None:
        """Begin; `remote` is the address of the other end, by which alone anonymous callers are told apart."""
        self.personal = False
        """Whether the answer depends on who asks, so that no other caller may be handed it."""
        self.datasets: list[str] = []
        """Ids of the datasets that it opened, or was refused and may know of, each once."""
        self.action: Action | None = None
        """The strongest action that it opened anything for."""
        # The letter keeps an account that is called like an address apart from it.
        self.who = f"a{remote}" if caller.subject is None else f"s{caller.subject}"
        """Tells callers apart, in memory alone."""
        self._under_way = under_way
        self._entered = False

    def note(self, action: Action, dataset: str | None = None) -> None:
        """Note that a dataset is used, or the list of them."""
        if dataset is not None and dataset not in self.datasets:
            self.datasets.append(dataset)
        if self.action is None or ACTIONS.index(action) > ACTIONS.index(self.action):
            self.action = action

    def enter(self, most: int | None) -> None:
        """Take a place among the requests under way, once; None: they are not limited.

        Raises:
            Problem: `too_many_requests`.

        """
        if most is not None and not self._entered:
            self._under_way.enter(self.who, most)
            self._entered = True

    def end(self) -> None:
        """Give the place back."""
        if self._entered:
            self._entered = False
            self._under_way.leave(self.who)
