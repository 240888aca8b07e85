"""What is here, who asks, which clouds they have."""

from pathlib import Path

from flask import Response
from pydantic import BaseModel

from workspace.accounts.queries import person_card, preferences
from workspace.api.operations import Operations
from workspace.api.shapes.people import Me, Post, Space, Spaces
from workspace.bodies.queries import directory
from workspace.cloud.own import own_spaces
from workspace.http.request import current_actor, current_work, writes
from workspace.sharing.authorize import require_signed_in

operations = Operations("me")
DESCRIPTION = Path(__file__).with_name("openapi.yaml")


class Here(BaseModel):
    """Where to begin."""

    name: str = "Citizen Workspace"
    version: int = 1
    description: str = "/api/v1/openapi.yaml"
    me: str = "/api/v1/me"
    spaces: str = "/api/v1/spaces"
    shared_with_me: str = "/api/v1/shared-with-me"
    cases: str = "/api/v1/cases"
    bodies: str = "/api/v1/bodies"
    uploads: str = "/uploads/"


@operations("GET", "", "What is here", response=Here)
def show_api() -> Here:
    return Here()


@operations("GET", "/openapi.yaml", "This description", gives_bytes="application/yaml", open=True)
def show_description() -> Response:
    """OpenAPI 3.1; for anybody."""
    return Response(DESCRIPTION.read_bytes(), content_type="application/yaml")


@operations("GET", "/me", "Whose app password this is", response=Me, conditional=True)
def show_me() -> Me:
    work, actor = current_work(), current_actor()
    card, chosen = person_card(work, require_signed_in(actor)), preferences(work)
    bodies = directory(work, closed=True) if actor.appointments else []
    return Me(
        id=card.id,
        name=card.name,
        email=card.email,
        language=chosen.language,
        weekly_letter=chosen.weekly_letter,
        app_password=actor.app_password_id,
        posts=[
            Post(body=one.slug, name=one.name, roles=sorted(actor.roles_in(one.id)))
            for one in bodies
            if actor.roles_in(one.id)
        ],
    )


@operations("GET", "/spaces", "The person's clouds, and how full they are", response=Spaces, conditional=True)
@writes  # opens the personal cloud of somebody whom only programs have served so far
def list_spaces() -> Spaces:
    return Spaces(
        items=[
            Space(
                id=one.id,
                kind=one.kind,
                root=one.root_id,
                used=one.usage.used,
                quota=one.usage.quota,
                files=one.usage.files,
            )
            for one in own_spaces(current_work())
        ]
    )
