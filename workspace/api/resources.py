"""The operations of the API, noun by noun, in the order of openapi.yaml."""

from workspace.api.account import operations as account
from workspace.api.bodies import operations as bodies
from workspace.api.cases import operations as cases
from workspace.api.comments import operations as comments
from workspace.api.content import operations as content
from workspace.api.deliveries import operations as deliveries
from workspace.api.items import operations as items
from workspace.api.jobs import operations as jobs
from workspace.api.ledger import operations as ledger
from workspace.api.me import operations as me
from workspace.api.office import operations as office
from workspace.api.operations import Operations
from workspace.api.previews import operations as previews
from workspace.api.progress import operations as progress
from workspace.api.requests import operations as requests
from workspace.api.shares import operations as shares
from workspace.api.trash import operations as trash
from workspace.api.webhooks import operations as webhooks

GROUPS: tuple[Operations, ...] = (
    me,
    account,
    items,
    content,
    previews,
    trash,
    shares,
    requests,
    comments,
    jobs,
    ledger,
    progress,
    cases,
    deliveries,
    bodies,
    office,
    webhooks,
)
