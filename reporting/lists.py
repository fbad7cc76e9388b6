"""The addresses of the lists behind the figures of a year, and of one list from another."""

from django.http import QueryDict
from django.urls import reverse

from indicators.models import ActionState, ReportStatus
from indicators.outcomes import Outcome


class Lists:
    """Those of `scheme` in `year`; narrowed by `criteria`, names and values that both lists understand."""

    def __init__(self, scheme, year, **criteria):
        self.scheme, self.year, self.criteria = scheme, year, criteria

    def narrowed(self, **criteria):
        return Lists(self.scheme, self.year, **self.criteria, **criteria)

    def actions(self, **criteria):
        return self._address("action_list", annee=self.year, **self.criteria, **criteria)

    def measures(self, **criteria):
        return self._address("explorer", annee=self.year, **self.criteria, **criteria)

    def _address(self, name, **criteria):
        query = QueryDict(mutable=True)
        query.update(criteria)
        return f"{reverse(name, args=[self.scheme.slug])}?{query.urlencode()}"

    @property
    def all_actions(self):
        return self.actions()

    @property
    def engaged(self):
        return self.actions(niveau="actions", etat="begun")

    @property
    def missing(self):
        return self.measures(rempli="non")

    @property
    def validated(self):
        return self.actions(niveau="fiches", statut=ReportStatus.VALIDATED.value)

    @property
    def states(self):
        """By ActionState value, "" for what is not told."""
        keys = {state: state for state in ActionState.values} | {"": "none"}
        return {key: self.actions(niveau="actions", etat=word) for key, word in keys.items()}

    @property
    def outcomes(self):
        """By Outcome value; a target in words may hang from an action, and is found there."""
        found = {outcome: self.measures(cible=outcome) for outcome in Outcome.values}
        return found | {Outcome.WORDS.value: self.actions(cible=Outcome.WORDS.value)}

    @property
    def compare(self):
        return self._address("compare", de=self.year - 1, a=self.year)

    @property
    def changed(self):
        return self.actions(niveau="actions", change="oui")

    @property
    def evolutions(self):
        return self.measures(tri="-evolution")

    @property
    def filled(self):
        return self.measures(rempli="oui")


class PilotLists(Lists):
    """Those of what a direction pilots, which only the list of actions can tell from what it supports."""

    def measures(self, **criteria):
        return self.actions(niveau="fiches", **criteria)

    @property
    def missing(self):
        return self.actions(niveau="fiches", completude="partial")


def link(query, **changes):
    """The query string `query` (a QueryDict) with `changes`, without what goes without saying; None takes a parameter away."""
    query = query.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    for name, values in list(query.lists()):
        kept = [value for value in values if value]
        query.setlist(name, kept) if kept else query.pop(name)
    return f"?{query.urlencode()}" if query else "?"
