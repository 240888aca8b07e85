"""Flask-Security's view of our people: the session is the request's Work, and its own commit does nothing."""

from typing import Any

from flask_babel import get_locale
from flask_security import UserDatastore, UserMixin, WebAuthnMixin
from sqlalchemy import select

from workspace.accounts import service
from workspace.accounts.addresses import normal_email
from workspace.accounts.models import Passkey, Person
from workspace.http.request import current_work
from workspace.kernel.errors import NotAcceptable
from workspace.kernel.ids import new_id


class PeopleStore(UserDatastore):
    """Finds and changes rows in the Work of the present request; making a person is a verb of `accounts`."""

    def __init__(self) -> None:
        # roles are few and ours: a column of `person`, and `official` in `bodies`
        super().__init__(Person, None, Passkey)  # type: ignore[arg-type]

    def commit(self) -> None:
        """Nothing: the request rite commits once, after the view."""

    def put(self, model: Any) -> Any:
        """Add what is new; what is known is already being watched. Takes Flask-Login's proxies as well."""
        row = model._get_current_object() if hasattr(model, "_get_current_object") else model
        current_work().session.add(row)
        return row

    def delete(self, model: Any) -> None:
        current_work().session.delete(model)

    def reload(self, model: Any) -> None:
        """Nothing: the session notices by itself."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Person | None:
        """By one unique column; addresses in whatever way they were typed."""
        ((name, value),) = wanted.items()
        if name == "email":
            try:
                value = normal_email(str(value or ""))
            except NotAcceptable:
                return None
        return current_work().session.scalar(select(Person).where(getattr(Person, name) == value))

    def find_role(self, role: str) -> None:
        return None

    def create_user(self, **values: Any) -> Person:
        locale = get_locale()
        return service.sign_up(
            current_work(),
            email=values["email"],
            name=values["name"],
            password_hash=values["password"],
            language=locale.language if locale else None,
        )

    def find_webauthn(self, credential_id: bytes) -> Passkey | None:
        return current_work().session.scalar(select(Passkey).where(Passkey.credential_id == credential_id))

    def create_webauthn(self, user: UserMixin, *args: Any, **values: Any) -> None:
        work = current_work()
        transports = [getattr(one, "value", one) for one in values.pop("transports", None) or ()]
        row = Passkey(
            id=new_id(),
            user_id=user.id,
            made_at=work.now,
            lastuse_datetime=work.now,
            transports=transports,
            **{name: value for name, value in values.items() if hasattr(Passkey, name)},
        )
        work.session.add(row)

    def delete_webauthn(self, webauthn: WebAuthnMixin) -> None:
        self.delete(webauthn)
