"""What stands around the findings of a report, in words: its period, the alert budget, and where to find the rest."""

from datetime import UTC, datetime
from typing import Final

from metrics.report.assembly import Report, ReportSection
from metrics.report.language import Language
from metrics.zones import Zone

COMMAND: Final = "cxb report --all"


def sentence(text: str) -> str:
    """A text that begins with a capital.

    >>> sentence("le conversioni al giorno"), sentence("l'NPS"), sentence("\u00ed")
    ('Le conversioni al giorno', "L'NPS", '\u00cd')
    """
    return text[:1].upper() + text[1:]


def where_to_find_more(part: ReportSection, report: Report, language: Language, zone: Zone) -> str:
    """Where what a section leaves out is listed: the same report with all of it. "" where it leaves out nothing."""
    if not part.omitted:
        return ""
    view = "" if report.view == "as_was" else f" --view {report.view}"
    start, end = (_asked(at_s, zone) for at_s in (report.since_s, report.at_s))
    command = f"{COMMAND} --from {start} --to {end}{view}"
    return sentence(language.more.format(n=part.omitted, command=command))


def _asked(at_s: int, zone: Zone) -> str:
    """How a command is asked for an epoch second: a date where one begins by the clocks of a zone."""
    local = zone.local(at_s)
    if int(zone.midnight(local.date()).timestamp()) == at_s:
        return f"{local:%Y-%m-%d}"
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def alarms_text(report: Report, language: Language, zone: Zone) -> str:
    """What the alert budget means at the end of a report; "" while nothing is watched."""
    month = report.alarms
    if not month.detectors:
        return ""
    explained = language.counted("explained", month.explained) if month.explained else ""
    return language.budget.format(
        false_alarms=language.counted("false_alarms", month.expected_a_month, 2),
        alarms=language.counted("alarms", month.alarms) + explained,
        until=language.date(report.at_s - 1, "until", zone=zone),
    )


def period_in_words(report: Report, language: Language, zone: Zone) -> str:
    """The first and the last day of a report, by the clocks of a zone, and the registry's version."""
    # The end is excluded: the last day is that of the second before it.
    first, last = (zone.local(at_s).year for at_s in (report.since_s, report.at_s - 1))
    days = {
        "from": language.date(report.since_s, "from", with_year=first != last, zone=zone),
        "to": language.date(report.at_s - 1, "to", zone=zone) + f" ({zone.name})",
    }
    return sentence(language.period.format(**days, version=report.version))
