"""The open doors: public verbs and reads that do not ask `authorize`, each with its reason. Everything else must.

`tests/laws/test_verbs_ask.py` reads the syntax tree; an entry that is no longer needed fails it, too.
"""

OPEN_DOORS: dict[str, str] = {
    "workspace.accounts.guesses.clear": "called where a secret has just been known",
    "workspace.accounts.guesses.forget_old": "drops counters that no longer count",
    "workspace.accounts.guesses.shut": "tells only whether tries are refused now",
    "workspace.accounts.instance.instance": "name and colours of the instance stand on every page",
    "workspace.accounts.instance.logo": "the picture that stands on every page",
    "workspace.accounts.proofs.address_changed": "the link from the letter to the new address has been followed",
    "workspace.accounts.proofs.address_proven": "the link from the letter of confirmation has been followed",
    "workspace.accounts.proofs.password_reset": "the link from the letter has been followed",
    "workspace.accounts.proofs.refused": "writes down that somebody did not prove who they are",
    "workspace.accounts.queries.names_of": "names people on lines that the caller was allowed to read",
    "workspace.accounts.service.accept_invitation": "its token of 256 random bits is the right itself",
    "workspace.accounts.service.invitation_of": "its token of 256 random bits is the right itself",
    "workspace.accounts.service.sign_up": "joining is open to strangers where the host wants it; it asks that",
    "workspace.accounts.sessions.begin_session": "identity begins here; the proof has been checked before",
    "workspace.accounts.sessions.end_all": "ends what a new proof has made worthless; the proof was checked",
    "workspace.accounts.sessions.seen": "identity is being established: the token has been checked",
    "workspace.accounts.sessions.session_of": "its token of 256 random bits is the right itself",
    "workspace.bodies.queries.appointments_of": "identity is being established from it",
    "workspace.bodies.queries.body": "the directory of bodies is public",
    "workspace.bodies.queries.body_names": "the directory of bodies is public",
    "workspace.bodies.queries.directory": "the directory of bodies is public",
    "workspace.bodies.queries.own_bodies": "the directory of bodies is public",
    "workspace.bodies.queries.officials": "who works in a body is public",
    "workspace.cases.inbox.counts": "counts by the grants of one body, with the rule in SQL, `held_now`, for who works there",
    "workspace.cases.inbox.inbox": "lists by the grants of one body, with the rule in SQL, `held_now`, for who works there",
    "workspace.cases.needs.needs": "gathers the actor's own cases and the numbers of the bodies they work for",
    "workspace.cases.queries.my_cases": "lists the actor's own cases, by the applicant's id",
    "workspace.sharing.service.enter_link": "its token of 256 random bits is the right itself; the grant behind it is checked",
    "workspace.sharing.queries.shared_with_me": "lists by the actor's own principals with the rule in SQL, `held_now`",
    "workspace.sharing.queries.shared_by_me": "lists what the actor gave; filtered by the giver's id",
    "workspace.sharing.queries.shared_ids": "marks items of a listing that the caller has already authorised",
    "workspace.cloud.search.recent": "lists the actor's own space alone, by its owner's id",
}
