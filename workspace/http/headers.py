"""What every answer carries so that a browser keeps our pages to themselves, whatever was uploaded or linked."""

from flask import Flask, Response, g, request

from workspace.kernel.actors import ANONYMOUS

# Pages are HTML, style, scripts and pictures of this origin; nothing else may load, nothing may frame them.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
UNUSED = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
USED = ("publickey-credentials-create=(self)", "publickey-credentials-get=(self)", "clipboard-write=(self)")
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: that would turn the Origin of our own forms into "null" (Fetch, "append a request Origin header")
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join((*(f"{name}=()" for name in UNUSED), *USED)),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
}
# what people uploaded is never a document of our origin, however it is opened
NOTHING_ACTS = "default-src 'none'; sandbox"
TLS_ONLY = "max-age=31536000; includeSubDomains"
PRIVATE = "no-store, private"
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
ASSETS = frozenset({"static", "look.instance_css", "look.logo"})


def cache_rule(endpoint: str | None, stamped: bool, secret: bool) -> str:
    """The Cache-Control of an answer: assets may be kept, what a known person was told may be kept by nobody."""
    if endpoint in ASSETS:
        return FOR_GOOD if stamped else ASK_AGAIN
    return PRIVATE if secret else "no-cache, private"


def for_programs(secure: bool) -> list[tuple[str, str]]:
    """What an answer at a program's door carries that is no page: nothing in it may act, nobody may keep it."""
    names = ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy")
    fields = [("Content-Security-Policy", NOTHING_ACTS), ("Cache-Control", PRIVATE)]
    fields += [(name, HEADERS[name]) for name in names]
    return [*fields, ("Strict-Transport-Security", TLS_ONLY)] if secure else fields


def _add(answer: Response, secure: bool) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)  # a file's own sandboxing policy is stricter and stays
    if secure:
        answer.headers.setdefault("Strict-Transport-Security", TLS_ONLY)
    known = not g.get("actor", ANONYMOUS).anonymous
    asset = request.endpoint in ASSETS and answer.status_code < 400
    # Flask-Security writes "no-store=True" on the pages of signing in, which says nothing to anybody
    secret = known or bool(answer.cache_control.no_store)
    if asset or secret or "Cache-Control" not in answer.headers:
        stamped = "v" in request.args
        answer.headers["Cache-Control"] = cache_rule(request.endpoint if asset else None, stamped, secret)
    if g.get("signed_out"):
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def sign_out_cleared() -> None:
    """Called by the sign-out: the browser is told to forget what it kept of this origin (cookies end by themselves)."""
    g.signed_out = True


def install(app: Flask) -> None:
    """Put the headers on every answer, errors and files included. The app holds its instance already."""
    secure = app.extensions["workspace"].settings.secure

    def add(answer: Response) -> Response:
        return _add(answer, secure)

    app.after_request(add)
