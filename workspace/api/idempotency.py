"""Idempotency-Key on POST (draft-ietf-httpapi-idempotency-key-header-07): sent twice, done once.

The first request with a key is carried out; its answer is kept for a day, in the very transaction of what it did, so
that it is there exactly if the change is, whichever node is asked next. The same key with the same request gives that
answer again (with `Idempotency-Replayed: true`), with another request 422, while the first is under way 409. A refusal
is not kept: it did nothing, and the next try may fare better.

An answer may hold what is shown only once (the address of a secret link): it lies sealed under a key of the person's
cloud, and the key that the program has chosen is not kept, only its hash.
"""

import json
import re
from collections.abc import Callable
from hashlib import sha256

from flask import Response, request

from workspace.cloud.own import own_spaces
from workspace.db import kept_answers
from workspace.db.kept_answers import KeptAnswer
from workspace.db.work import Work
from workspace.http.request import current_actor, current_work, end_work, runtime, spans_bytes
from workspace.kernel.errors import KeyReused, NotAcceptable, StillInProgress
from workspace.sharing.authorize import require_signed_in
from workspace.storage.sealing import open_small, seal_small
from workspace.storage.wrapping import new_data_key, unwrap, wrap

FIELD = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_FIELDS = ("Content-Type", "Location", "ETag")
# a String of RFC 9651, as the draft asks; programs that leave the quotes out are understood, too
_KEY = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')


def once(body: bytes, perform: Callable[[], Response]) -> Response:
    """The answer of `perform`, or the one that it gave before under the key of this request. Without a key, just that.

    Raises NotAcceptable for a key that is none, KeyReused, StillInProgress, and what `perform` raises.
    """
    given = request.headers.get(FIELD)
    if given is None:
        return perform()
    person_id = require_signed_in(current_actor())
    end_work()
    with runtime().writing(current_actor()) as work:
        answer_id, known = kept_answers.begin(work, person_id, _hash_of(given), _fingerprint(body))
        work.commit()
    if known is not None:
        return _again(known, body)
    try:
        answer = perform()
        if answer.status_code < 400:
            _keep(answer_id, answer)
            return answer
    except BaseException:
        _give_up(answer_id)
        raise
    _give_up(answer_id)
    return answer


def _hash_of(given: str) -> bytes:
    found = _KEY.fullmatch(given.strip())
    if found is None:
        raise NotAcceptable("Write the key as a quoted string of at most 255 ASCII characters.", field=FIELD)
    return sha256((found[1] or found[2]).encode()).digest()


def _fingerprint(body: bytes) -> bytes:
    asked = "\n".join((request.method, request.full_path, request.mimetype))
    return sha256(asked.encode("utf-8", "surrogatepass") + b"\n" + body).digest()


def _again(known: KeptAnswer, body: bytes) -> Response:
    if known.fingerprint != _fingerprint(body):
        raise KeyReused()
    if known.sealed is None or known.wrapped is None:
        raise StillInProgress()
    with runtime().reading(current_actor()) as work:
        space_id = _space(work)
        key = unwrap(known.wrapped, work.ports.keyring.key(space_id), known.id, space_id)
    values = json.loads(open_small(key, known.id, known.sealed))
    answer = Response(values["body"].encode("utf-8"), values["status"], values["headers"])
    answer.headers[REPLAYED] = "true"
    return answer


def _keep(answer_id: str, answer: Response) -> None:
    """In the Work of the request, which ends here; a view that carries bytes has ended its own and gets one more."""
    values = {
        "status": answer.status_code,
        "headers": {name: answer.headers[name] for name in KEPT_FIELDS if name in answer.headers},
        "body": answer.get_data(as_text=True),
    }
    work = runtime().writing(current_actor()) if spans_bytes() else current_work()
    with work:
        space_id, key = _space(work), new_data_key()
        wrapped = wrap(key, work.ports.keyring.key(space_id), answer_id, space_id)
        kept_answers.keep(work, answer_id, wrapped, seal_small(key, answer_id, json.dumps(values).encode()))
        work.commit()


def _give_up(answer_id: str) -> None:
    end_work()
    with runtime().writing(current_actor()) as work:
        kept_answers.give_up(work, answer_id)
        work.commit()


def _space(work: Work) -> str:
    return next(one.id for one in own_spaces(work) if one.kind == "personal")
