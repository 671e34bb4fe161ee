"""What the command `doctor` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import typer

from pellucid.cli import environment, messages
from pellucid.cli.environment import Finding
from pellucid.cli.escape import json_text
from pellucid.cli.exit_codes import ExitCode
from pellucid.cli.requirements import requirements
from pellucid.cli.table import table

FROM_SOURCE = "unknown: pellucid is not installed, it runs from its source"


def diagnose(*, as_json: bool) -> None:
    """Look at the machine, print what was found, and fail if the core is broken.

    Raises:
        typer.Exit: With `ExitCode.MISSING`.
    """
    needed = requirements()
    parts: dict[str, list[Finding]] = {
        "machine": list(environment.machine()),
        "core": list(environment.core(needed)),
        "pillow": list(environment.pillow_features()),
        "devices": list(environment.devices()),
        "extras": list(environment.extras(needed)),
    }
    is_healthy = all(finding.state == "ok" for finding in parts["core"])
    if as_json:
        print(json_text({"healthy": is_healthy, **_plain(parts)}))
    else:
        print(_text(parts, is_installed=needed.is_installed))
    broken = [f for found in parts.values() for f in found if f.state == "broken"]
    for finding in broken:
        messages.error(f"{finding.name}: {finding.value}", finding.hint)
    if not is_healthy:
        raise typer.Exit(ExitCode.MISSING)


def _plain(parts: Mapping[str, list[Finding]]) -> dict[str, dict[str, dict[str, str]]]:
    """Drop from every finding what it does not say."""
    return {
        part: {
            finding.name: {
                key: value
                for key, value in asdict(finding).items()
                if value and key != "name"
            }
            for finding in findings
        }
        for part, findings in parts.items()
    }


def _text(parts: Mapping[str, list[Finding]], *, is_installed: bool) -> str:
    blocks: list[str] = []
    for part, findings in parts.items():
        rows = [row for finding in findings for row in _rows(finding)]
        if part == "extras" and not is_installed:
            rows = [("all", FROM_SOURCE)]
        blocks.append(f"{part}\n{table(rows, indent=2)}")
    return "\n\n".join(blocks)


def _rows(finding: Finding) -> Iterator[tuple[str, str]]:
    """Put the cure under what is absent; what is broken is said at the end."""
    yield finding.name, finding.value
    if finding.state == "absent" and finding.hint:
        yield "", finding.hint
