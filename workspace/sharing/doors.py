"""The open doors: public verbs and reads that do not ask `authorize`, each with its reason. Everything else must.

`tests/laws/test_verbs_ask.py` reads the syntax tree; an entry that is no longer needed fails it, too.
"""

OPEN_DOORS: dict[str, str] = {
    "workspace.sharing.service.enter_link": "its token of 256 random bits is the right itself; the grant behind it is checked",
    "workspace.sharing.queries.shared_with_me": "lists by the actor's own principals with the rule in SQL, `held_now`",
    "workspace.sharing.queries.shared_by_me": "lists what the actor gave; filtered by the giver's id",
    "workspace.sharing.queries.shared_ids": "marks items of a listing that the caller has already authorised",
}
