"""Conditional requests (RFC 9110, 13): what a reader has already is not sent again."""

from django.utils.cache import set_response_etag
from django.utils.http import parse_etags

from spaser.api.problems import Problem, fault


def tags_of(request, header):
    """The ETags that a header of the request names, without what marks a weak one: a proxy that compresses makes them so.

    ["*"] for any; [] when the header is not there. 400 for one that is not in quotes, which would otherwise not count.
    """
    text = request.headers.get(header, "").strip()
    tags = [tag.removeprefix("W/") for tag in parse_etags(text)]
    if text and text != "*" and len(tags) != len(text.split(",")):
        raise Problem(400, errors=[fault("Des ETags entre guillemets, ou « * ».", parameter=header)])
    return tags


def answer_conditionally(request, response):
    """Give an answer to a reading its ETag, made of its content unless it has one; 304 when the reader has it.

    In place, once the content is there, so that all its other headers stay.
    """
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return
    if not response.has_header("ETag"):
        set_response_etag(response)
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    if response["ETag"].removeprefix("W/") in known or known == ["*"]:
        response.status_code, response.content = 304, b""
        for header in ("Content-Type", "Content-Length", "Content-Disposition"):
            del response[header]
