"""A request passes the gates in GitHub's order: rate, credentials, route, permission, form, rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import graphql, openapi
from .exchange import Answer, Fault, Refused, Request, Token
from .routes import ROUTES, Call

if TYPE_CHECKING:
    from .service import GitHub

VERSION = "2022-11-28"


def before(github: GitHub, request: Request) -> None:
    """What a test has asked for just before this request, if anything."""
    request.path = _below_the_prefix(github, request.path)
    request.fault = _fault(github, request)
    if request.fault and request.fault.do:
        request.fault.do()


def answer(github: GitHub, request: Request) -> Answer:
    github.requests.append(request)
    fault = request.fault
    if fault and fault.answer and not fault.after_doing_it:
        given = fault.answer
    else:
        given = _genuine(github, request)
        given = fault.answer if fault and fault.answer else given
    request.status = given.status
    headers = _headers(github, request) | dict(given.headers)
    return Answer(given.status, given.body, headers, given.content, given.hang_up)


def _below_the_prefix(github: GitHub, path: str) -> str:
    if path.startswith(f"{github.prefix}/"):
        return path.removeprefix(github.prefix)
    return path if path == github.graphql_path else f"/outside-of-the-api{path}"


def _fault(github: GitHub, request: Request) -> Fault | None:
    line = f"{request.method} {request.path}"
    for fault in github.faults:
        if fault.times and re.search(fault.pattern, line):
            fault.times -= 1
            return fault
    return None


def _genuine(github: GitHub, request: Request) -> Answer:
    try:
        _gate(github, request)
        token = _credentials(github, request)
        if request.path == github.graphql_path:
            return graphql.answer(github, token, request)
        return _rest(github, token, request)
    except Refused as refused:
        return refused.answer


def _gate(github: GitHub, request: Request) -> None:
    if request.path != "/rate_limit":
        github.used += 1
    if github.used > github.limits.requests:
        raise Refused(403, "API rate limit exceeded for installation.")
    asked = request.headers.get("x-github-api-version", VERSION)
    if asked != VERSION:
        raise Refused(400, f'"{asked}" is not a supported version.')
    if "user-agent" not in request.headers:
        raise Refused(
            403,
            "Request forbidden by administrative rules. Please make sure you have a User-Agent header",
        )


def _credentials(github: GitHub, request: Request) -> Token:
    given = request.headers.get("authorization", "")
    scheme, _, value = given.partition(" ")
    if not given:
        raise Refused(401, "Requires authentication")
    if scheme.lower() not in ("bearer", "token") or value not in github.tokens:
        raise Refused(401, "Bad credentials")
    return github.tokens[value]


def _rest(github: GitHub, token: Token, request: Request) -> Answer:
    path = _by_name(github, request.path)
    found = openapi.route(request.method, path)
    handler = ROUTES.get(found.operation.key) if found else None
    line = f"{request.method} {request.path}"
    if found is None or handler is None:
        github.violate(
            line, "no such route" if found is None else "the stand-in does not answer this route"
        )
        raise Refused(404, "Not Found")
    body = _body(request)
    for fault in openapi.unknown_names(found, request.query, body):
        github.violate(line, fault)
    faults = list(openapi.request_faults(found, request.query, body))
    for fault in faults:
        github.violate(line, fault)
    if faults:
        raise Refused(422, "Invalid request.\n\n" + "\n".join(faults))
    given = handler(Call(github, token, request, found.values, body))
    if given.content is None:
        for fault in openapi.response_faults(found.operation, given.status, given.body):
            github.violate(line, f"the answer: {fault}")
    return given


def _body(request: Request) -> object:
    try:
        return request.body
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None


def _by_name(github: GitHub, path: str) -> str:
    """Link headers name repositories by number."""
    if numbered := re.match(r"/repositories/(\d+)(/.*)", path):
        named = (one for one in github.repositories.values() if one.id == int(numbered[1]))
        return next((f"/repos/{one.full_name}{numbered[2]}" for one in named), path)
    return path


def _headers(github: GitHub, request: Request) -> dict[str, str]:
    left = max(github.limits.requests - github.used, 0)
    return {
        "X-RateLimit-Limit": str(github.limits.requests),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Used": str(min(github.used, github.limits.requests)),
        "X-RateLimit-Reset": str(github.reset),
        "X-RateLimit-Resource": "graphql" if request.path == github.graphql_path else "core",
        "X-GitHub-Request-Id": f"{len(github.requests):04X}:{github.clock.number:X}",
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Api-Version-Selected": VERSION,
    }
