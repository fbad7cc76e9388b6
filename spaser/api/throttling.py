"""How often one may ask, by credential, by person or by address; what is left is told in each answer.

The counts are kept in Django's cache, which the processes of the site share (`CACHES`).
"""

from rest_framework.throttling import SimpleRateThrottle


class Quota(SimpleRateThrottle):
    """A number of requests a minute for whoever asks; THROTTLE_RATES names it for a client, a person and a visitor."""

    scope = "client"

    def __init__(self):
        """The rate depends on who asks: it is read with the request."""

    def allow_request(self, request, view):
        self.scope, self.who = _asker(request, self.get_ident(request))
        self.rate = self.THROTTLE_RATES[self.scope]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        allowed = super().allow_request(request, view)
        request.quota = self
        return allowed

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.who}

    @property
    def headers(self):
        """RateLimit and RateLimit-Policy, as draft-ietf-httpapi-ratelimit-headers-10 writes them."""
        left = max(0, self.num_requests - len(self.history))
        reset = int(self.duration - (self.now - self.history[-1])) + 1 if self.history else self.duration
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.num_requests};w={self.duration}',
            "RateLimit": f'"{self.scope}";r={left};t={min(reset, self.duration)}',
        }


def _asker(request, address):
    """(the name of the rate, who is counted)."""
    if request.auth is not None:
        return "client", request.auth.pk
    if request.user.is_authenticated:
        return "person", request.user.pk
    return "visitor", address
