"""`workspace check`: is everything that was promised there, and nothing else?"""

import json

import click

from workspace.cli.check_blobs import check_blobs, check_keys
from workspace.cli.check_holders import check_holders
from workspace.cli.check_rows import (
    check_deliveries,
    check_erased,
    check_log,
    check_room,
    check_tree,
    check_uploads,
    check_versions,
)
from workspace.cli.check_store import check_objects, check_orphans
from workspace.cli.findings import Check, Course, Finding
from workspace.cli.programs import Programs
from workspace.kernel.errors import DomainError

CHECKS: tuple[Check, ...] = (
    check_keys,
    check_erased,
    check_tree,
    check_versions,
    check_holders,
    check_deliveries,
    check_room,
    check_uploads,
    check_objects,
    check_orphans,
    check_blobs,
    check_log,
)


@click.command()
@click.option("--deep", is_flag=True, help="Read every byte: open every seal, compare every hash.")
@click.option(
    "--repair", is_flag=True, help="Mend what can be mended without losing anything; say what a person decides."
)
@click.option("--json", "as_json", is_flag=True, help="One object on standard output, for programs.")
@click.pass_context
def check(context: click.Context, deep: bool, repair: bool, as_json: bool) -> None:
    """Compare tables, store, keyring, log and journal. Status 0: clean (young orphans are); 1: findings.

    May be run while the instance is at work. After --repair, run it once more: 0 means that all is well again.
    """
    programs: Programs = context.obj
    course = Course(programs.open(), deep, recover=programs.recover, outstanding=programs.outstanding)
    told = []
    for one in CHECKS:
        for finding in one(course):
            did = mended(finding) if repair else ""
            told.append((finding, did))
            if not as_json:
                click.echo(lines(finding, did, repair))
    if as_json:
        click.echo(json.dumps(answer(course, told), ensure_ascii=False, sort_keys=True))
    else:
        counted = ", ".join(f"{count} {what}" for what, count in sorted(course.counted.items()))
        mends = f", {sum(bool(did) for _, did in told)} mended" if repair else ""
        click.echo(f"{f'{len(told)} findings{mends}' if told else 'Clean'}: {counted}.")
    context.exit(1 if told else 0)


def mended(finding: Finding) -> str:
    """Mend it where a program may; what was done, or nothing."""
    if finding.mend is None:
        return ""
    try:
        return finding.mend()
    except DomainError:
        return ""  # said as what is left: the next run tries again


def lines(finding: Finding, did: str, repair: bool) -> str:
    """A finding in words, and what follows from it."""
    said = f"{finding.kind} {finding.id}: {finding.text}" if finding.id else finding.text
    if did:
        return f"{said}\n  mended: {did}"
    if finding.advice:
        return f"{said}\n  to decide: {finding.advice}"
    return f"{said}\n  {'could not be mended now; come again' if repair else '--repair mends this'}"


def answer(course: Course, told: list[tuple[Finding, str]]) -> dict[str, object]:
    """The same for programs."""
    findings = [
        {
            "kind": one.kind,
            "id": one.id,
            "text": one.text,
            "advice": one.advice,
            "mendable": one.mend is not None,
            "mended": did,
        }
        for one, did in told
    ]
    return {"clean": not told, "counted": course.counted, "findings": findings}
