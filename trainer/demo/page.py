"""The demonstration as one HTML page: what happened, what was proved and how, and every figure."""

from __future__ import annotations

from pathlib import Path

from registry.audit import Finding
from registry.types import ZERO_ID
from trainer.demo.figures import DemoFigures
from trainer.demo.page_parts import STYLE, code, line_plot, rows_of, table, text
from trainer.demo.scene import BUDGET

__all__ = ["story", "write_report"]

_PROVED = {
    "blocks": ("the chain's blocks hash to each other", "headers, back to the deployment"),
    "deployment": (
        "the contracts are the ones in the sources",
        "code and storage, by state proofs",
    ),
    "events": ("no event is missing, added or changed", "receipts, hashed to each block's header"),
    "event": ("events tell what the contracts store", "one against the other"),
    "content": ("every stored object is what the chain names", "each block against its SHA-256"),
    "sealed": ("the private version is there, and sealed", "ciphertext against its SHA-256"),
    "manifest": ("every file is what its version lists", "hashes"),
    "signature": ("each update is its hospital's", "signatures (EIP-712)"),
    "commitment": ("nobody changed or copied an update", "what was opened against the commitment"),
    "weight": ("all agree on each update's weight", "chain, statement and result compared"),
    "aggregate": ("each round adds up", "computed again, integer by integer"),
    "version": ("each version follows from its round", "written again, to the same bytes"),
    "share": ("each share follows from the updates", "scores computed again"),
    "payout": ("each payout follows from the shares", "roots and claims computed again"),
}
"""What an audit counts: what it shows, and how."""
_WORDS = {3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight"}


def story(figures: DemoFigures) -> list[str]:
    """Returns the story, in five sentences."""
    outcome, last = figures.outcome, len(figures.hospitals) - 1
    report = outcome.report
    checks = sum(report.checked.values()) if report else 0
    findings = len(report.findings) if report else 0
    told = [
        f"{_WORDS.get(last + 1, str(last + 1))} hospitals trained one network on handwritten "
        "digits, and no image left its owner.",
        f"After {len(outcome.versions)} rounds it reads {outcome.accuracy[-1]:.1%} of "
        f"{figures.tested:,} test images right; with all honest data in one place it would be "
        f"{figures.centralised[-1]:.1%}.",
        f"{figures.budget // 10**18} TALLY were paid by what each update was worth, and the free "
        f"rider, who trained on nothing, got {figures.part(last):.1%} of them.",
        "An outsider was refused the private release, was granted access, and ran it.",
        f"An audit by a stranger, from the chain and the storage alone, made {checks:,} checks and "
        f"found {findings or 'no'} divergence{'s' if findings > 1 else ''}",
    ]
    changed = bool(outcome.tampered and outcome.tampered.findings)
    told[-1] += "; it named the one byte that we changed." if changed else "."
    return told


def write_report(page: Path, figures: DemoFigures) -> None:
    """Writes the HTML page, which needs no other file."""
    page.parent.mkdir(parents=True, exist_ok=True)
    sentences = " ".join(text(sentence) for sentence in story(figures))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>Tallystick: a federation, audited</title><style>{STYLE}</style></head><body>",
        "<h1>Trained together, paid by contribution, checked by anyone</h1>",
        f"<p>{sentences}</p>",
        "<h2>What was proved, and how</h2>",
        _proved(figures),
        "<h2>Where the released version comes from</h2>",
        _lineage(figures),
        "<h2>Accuracy</h2>",
        _accuracy(figures),
        "<h2>Who was paid what</h2>",
        _payouts(figures),
        "<h2>A stranger at the door</h2>",
        _outsider(figures),
        "<h2>One byte changed</h2>",
        _changed_byte(figures),
        "<h2>Gas</h2>",
        _gas(figures),
        "<h2>Time</h2>",
        _times(figures),
        "<p class=dim>Every figure is of this run, on a local chain. "
        "<code>tally demo</code> plays it again.</p></body></html>",
    ]
    page.write_text("\n".join(parts), encoding="utf-8")


def _proved(figures: DemoFigures) -> str:
    report = figures.outcome.report
    if report is None:
        return "<p>The audit was left out.</p>"
    rows = []
    for kind, count in sorted(report.checked.items(), key=lambda item: _order(item[0])):
        shown, how = _PROVED.get(kind, (kind, ""))
        rows.append([text(shown), text(how), f"{count:,}"])
    rows.append(["in all", "", f"{sum(report.checked.values()):,}"])
    anchor = f"<p>All of it as of block {report.block_number}, {code(report.block_hash)}.</p>"
    return table(("what", "how", "checks"), rows, [2], {len(rows) - 1: "sum"}) + anchor


def _order(kind: str) -> int:
    kinds = list(_PROVED)
    return kinds.index(kind) if kind in kinds else len(kinds)


def _lineage(figures: DemoFigures) -> str:
    boxes = []
    accuracy = dict(zip(figures.outcome.versions, figures.outcome.accuracy, strict=True))
    for ancestor in reversed(figures.lineage):
        name = f"{ancestor.model.slug}:{ancestor.version.number}"
        if ancestor.version.round_id == ZERO_ID:
            told = "the private release" if ancestor.version.parents else "untrained"
        else:
            reads = accuracy.get(ancestor.version.number, 0.0)
            told = f"{len(ancestor.participants)} updates, {reads:.1%}"
        boxes.append(f"<li><div><strong>{text(name)}</strong><br>{text(told)}</div></li>")
    words = "Each version names its parent and the round that made it, on the chain."
    return f'<p>{words}</p><ol class="line">{"".join(boxes)}</ol>'


def _accuracy(figures: DemoFigures) -> str:
    lines = {"federated": figures.outcome.accuracy, "in one place": figures.centralised}
    plot = line_plot(lines, "round")
    words = (
        f"<p>Of {figures.tested:,} test images that nobody trained on. <em>In one place</em> is "
        "one model on all honest hospitals' images, an epoch for each round. The axis begins at "
        "the tenth below the least value.</p>"
    )
    headings = ("round", "version", "federated", "in one place")
    return words + plot + table(headings, rows_of(figures.accuracies()), range(4))


def _payouts(figures: DemoFigures) -> str:
    most = max(figures.part(index) for index in range(len(figures.hospitals))) or 1
    rows = []
    for index, row in enumerate(figures.payouts()):
        who, account, examples, paid, part = (text(cell) for cell in row)
        width = 100 * figures.part(index) / most
        bar = f'<span class="bar" style="width:{width:.1f}%"></span>'
        name = f"{who}<br><small>{code(account)}</small>{bar}"
        rows.append([name, f"{int(examples):,}", paid, part])
    rider = len(rows) - 1
    rows.append(["in all", f"{sum(figures.examples):,}", f"{_paid(figures):.4f}", ""])
    words = (
        f"<p>Each round divides {BUDGET // 10**18} TALLY. An update's share is by what the loss on "
        "a validation set would be without it, minus what it is with all, in whole millionths of a "
        "nat, at least 0: who adds nothing that the others hadn't gets next to nothing. "
        "<strong>The free rider</strong> claimed as many examples as it has, and sent back what it "
        "got with a little noise.</p>"
    )
    headings = ("who", "images", "paid, TALLY", "part")
    return words + table(headings, rows, (1, 2, 3), {rider: "marked", rider + 1: "sum"})


def _paid(figures: DemoFigures) -> float:
    return sum(figures.outcome.paid.values()) / 10**18


def _outsider(figures: DemoFigures) -> str:
    outcome = figures.outcome
    refused = text(outcome.refusal.split(";")[0])
    return (
        f'<div class="card wrong"><strong>Refused.</strong> {refused}.</div>'
        '<div class="card right"><strong>Granted.</strong> The owner wrapped the content key for '
        "the outsider's public key; it fetched the ciphertext, decrypted it, and reads "
        f"{outcome.outsider_accuracy:.1%} of the test images right.</div>"
    )


def _changed_byte(figures: DemoFigures) -> str:
    tampered = figures.outcome.tampered
    if tampered is None or not tampered.findings:
        return "<p>The storage wasn't ours to change, so this was left out.</p>"
    words = (
        "<p>One bit of one stored update was flipped on disk, behind everybody's back. The same "
        "audit, run again:</p>"
    )
    return words + "".join(_finding(finding) for finding in tampered.findings)


def _finding(finding: Finding) -> str:
    told = {
        "verdict": finding.verdict,
        "class": finding.kind,
        "where": finding.subject,
        "expected": finding.expected,
        "found": finding.found,
        "whose": finding.whose or "the evidence doesn't tell",
    }
    lines = "".join(f"<dt>{name}</dt><dd>{text(value)}</dd>" for name, value in told.items())
    return f'<div class="card wrong"><dl>{lines}</dl></div>'


def _gas(figures: DemoFigures) -> str:
    rows = rows_of(figures.gas_rows())
    headings = ("step", "transactions", "gas each", "gas in all")
    return table(headings, rows, (1, 2, 3), {len(rows) - 1: "sum"})


def _times(figures: DemoFigures) -> str:
    rows = [[text(name), f"{spent:.1f}"] for name, spent in figures.spent.items()]
    # The sum of what is shown, so that it adds up to the last digit.
    shown = sum(round(spent, 1) for spent in figures.spent.values())
    rows.append(["in all", f"{shown:.1f}"])
    return table(("part", "seconds"), rows, [1], {len(rows) - 1: "sum"})
