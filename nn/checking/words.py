"""stub"""

from typing import Any


def entry_line(entry: Any) -> str:
    return f"{entry.place} analytic {entry.analytic:.8g} numeric {entry.numeric:.8g} bound {entry.bound:.1e} {entry.verdict} {entry.why}"


def describe(report: Any) -> str:
    lines = [f"{report.title}: {report.verdict}", str(report.cause)]
    lines += [f"{v.tag}: {v.sentence}" for v in report.violations] + report.notes
    lines += [
        f"  {p.name} {p.shape} right {p.count('right')} wrong {p.count('wrong')} undecided {p.count('undecided')} {p.problem}"
        for p in report.table
    ]
    lines += [str(e) for e in report.worst_entries(5)]
    lines.append(f"{report.evaluations} evaluations {report.seconds:.2f}")
    return "\n".join(lines)


def as_dict(report: Any) -> dict[str, Any]:
    return {}
