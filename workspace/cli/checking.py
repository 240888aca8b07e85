"""`workspace check`: is everything that was promised there, and nothing else?"""

import json
from dataclasses import asdict

import click

from workspace.cli.check_blobs import check_blobs, check_keys
from workspace.cli.check_rows import check_deliveries, check_log, check_room, check_versions
from workspace.cli.check_store import check_objects, check_orphans
from workspace.cli.findings import Check, Course, Finding
from workspace.cli.programs import Programs

CHECKS: tuple[Check, ...] = (
    check_keys,
    check_versions,
    check_deliveries,
    check_room,
    check_objects,
    check_orphans,
    check_blobs,
    check_log,
)


@click.command()
@click.option("--deep", is_flag=True, help="Read every byte: open every seal, compare every hash.")
@click.option("--json", "as_json", is_flag=True, help="One object on standard output, for programs.")
@click.pass_context
def check(context: click.Context, deep: bool, as_json: bool) -> None:
    """Compare tables, store, keyring, log and journal. Status 0: clean (young orphans are); 1: findings.

    May be run while the instance is at work.
    """
    programs: Programs = context.obj
    course = Course(programs.open(), deep)
    found: list[Finding] = []
    for one in CHECKS:
        for finding in one(course):
            found.append(finding)
            if not as_json:
                click.echo(f"{finding.kind} {finding.id}: {finding.text}" if finding.id else finding.text)
    if as_json:
        answer = {"clean": not found, "counted": course.counted, "findings": [asdict(one) for one in found]}
        click.echo(json.dumps(answer, ensure_ascii=False, sort_keys=True))
    else:
        counted = ", ".join(f"{count} {what}" for what, count in sorted(course.counted.items()))
        click.echo(f"{'Clean' if not found else f'{len(found)} findings'}: {counted}.")
    context.exit(1 if found else 0)
