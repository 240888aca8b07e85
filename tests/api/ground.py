"""Somebody for whom everything is there that operations can be tried on."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Program
from tests.world import Someone, World
from workspace.kernel.actors import Role
from workspace.kernel.ids import new_id


class Ground:
    """Somebody with files and cases, who is an official as well, so that most verbs can be reached."""

    def __init__(self, world: World, program: Callable[[Someone], Program]) -> None:
        olena, body = world.make_person(), world.make_body()
        world.appoint(olena, body, *Role)
        self.program = program(olena)
        self.slug = body.slug
        self.emails = [olena.email, "nobody@example.org"]
        self._lasting = [olena.root_id, olena.id, body.id]
        told = {"url": "https://documents.example.org/", "events": ["case.closed"]}
        webhook = self.program.post(f"/bodies/{body.slug}/webhooks", told)["webhook"]["id"]
        message = self.program.post(f"/webhooks/{webhook}/try", None, 202)["message"]
        self._webhook = {"webhook_id": [webhook], "message_id": [message]}
        self.renew()

    def renew(self) -> None:
        """Files and cases anew, for what may have been thrown away."""
        send, root = self.program, self._lasting[0]
        folder = send.post(f"/items/{root}/children", {"name": new_id()})["id"]
        stored = send.store(folder, "a.txt", b"content")
        comment = send.post(f"/items/{stored['item']}/comments", {"text": "hm"})["id"]
        link = send.post(f"/items/{stored['item']}/links", {})["grant"]["id"]
        case = {"title": "t", "story": "s", "body": self.slug}
        draft, sent = (send.post("/cases", case)["id"] for _ in range(2))
        delivery = send.post(f"/cases/{sent}/deliver", {"irrevocable": True})["id"]
        documents = [one["id"] for one in send.get(f"/cases/{sent}")["documents"]]
        items = [stored["item"], folder, root]
        self.known = self._webhook | {
            "item_id": items,
            "version_id": [stored["version"]],
            "comment_id": [comment],
            "grant_id": [link],
            "case_id": [draft, sent],
            "delivery_id": [delivery],
            "document_id": documents,
            "slug": [self.slug],
        }
        self.ids = [*items, stored["version"], draft, sent, delivery, *self._lasting[1:], new_id()]
