"""Whether the forge suites notice small faults in the contracts; writes reports/mutants.md.

Run from the repository's root: `python tools/mutate_contracts.py [--count 240] [--seed 1]`. Each
fault is made in a copy of the project, and the suites that concern its file are run there, without
invariants, and then, if nothing failed, all suites. A fault that no test notices survives: it wants
a test, or a line in tools/equivalent_mutants.json that says why nothing can notice it. Exits with 1
if one survives that isn't listed there.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from mutants import Mutant, drawn

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
EQUIVALENT = ROOT / "tools" / "equivalent_mutants.json"
_LONGEST = 900  # seconds: a fault that makes a suite run on is noticed
# Suites that measure, or that play at random for long: the others have to notice by themselves.
_LEFT_OUT = ("*Gas.t.sol", "*Invariants.t.sol", "LargeRound.t.sol", "CountingMedian.t.sol")
_LEFT_OUT_TOO = (
    "HostileWays.t.sol",
    "support/Hostile*.sol",
    "support/DisputeHandler.sol",
    "symbolic/*.sol",
)
_STAKE = (
    "StakedRounds,StakeRefusals,Boundaries,Collusions,CertificateThefts,SearchThefts,OutageThefts,"
    "Disputes,Questions,Evaluations,Availability,StakeFloors,StakeParts,StakeEdges,"
    "CertificateRefusals,Announcements,BondThefts,GraceThefts,ShapeThefts,NewWindows,LateQuestions"
)
_CONCERNS = {
    "AccessGrants": "Names,RegistryRefusals,Labels",
    "ModelRegistry": "Names,RegistryRefusals,Labels,Cids,Governance",
    "EmergencyStop": "Governance,StakedRounds",
    "Timelock": "Governance",
    "TokenList": "Governance,StakeFloors",
    "Binary64": "MomentumRules,StepJudging,Vectors",
    "Bitmaps": "Availability,Vectors",
    "Bounds": "Governance,Payouts,Sweeps,Signatures",
    "ChunkRules": "ChunkRules,Judging",
    "CidText": "Cids,RegistryRefusals",
    "Commitments": "Commitments,Batches,Forfeits",
    "Labels": "Labels,Names,RoundRefusals",
    "MomentumRules": "MomentumRules,StepJudging,Vectors",
    "RobustTrees": "RobustTrees,AggregationTrees,ShapeThefts,Disputes",
    "RoundTrees": "RoundTrees,Disputes,WeightedPayouts,AggregationTrees",
    "Signatures": "Signatures,Batches,Evaluations,Availability",
    "Slugs": "Names,RegistryRefusals",
    "StakeRules": "StakeFloors",
    "VectorRoots": "VectorRoots,Vectors,HiddenVectors",
    "WeightRules": "WeightRules,VersionJudging",
    "PayoutDistributor": "Payouts,PayoutRoots,Sweeps",
    "RewardPool": "Budgets,Payouts",
    "RewardToken": "Governance,Payouts",
    "Forfeits": "Forfeits,Batches,BatchThefts",
    "RoundBatches": "Batches,BatchThefts,Forfeits,Commitments,Phases",
    "RoundPhases": "Phases,Batches,RoundRefusals",
    "TermsRules": "RoundRefusals,TermThefts,UnderStake,Budgets,Forfeits",
    "TrainingRounds": "RoundRefusals,Phases,Budgets,Commitments,UnderStake,Forfeits",
    "AggregationJudge": "Judging,Vectors,Disputes",
    "Availability": "Availability,CertificateThefts,CertificateRefusals,OutageThefts,StakeParts",
    "Disputes": (
        "Disputes,VersionDisputes,WrongSteps,Announcements,StakeParts,Questions,Boundaries,"
        "HiddenSums,HiddenFaults"
    ),
    "Keystreams": "PackedSums,HiddenVectors,SumJudging",
    "PackedSums": "PackedSums,HiddenVectors,SumJudging",
    "SumJudge": "SumJudging,HiddenSums,HiddenFaults",
    "Evaluations": "Evaluations,OutageThefts,StakeEdges,StakeParts",
    "ProposalChecks": "Disputes,Questions,AggregationTrees,Boundaries",
    "Questions": "Questions,BondThefts,StakeEdges,StakeParts,OutageThefts,Boundaries,StakeRefusals",
    "StakeFloors": "StakeFloors,TermThefts,StakeEdges,StakeParts,Boundaries",
    "VersionJudge": "VersionJudging,StepJudging,VersionDisputes",
    "StakeVault": "Stake,StakeRefusals",
    "WeightedPayouts": "WeightedPayouts,StakeParts,Boundaries",
}


def main() -> int:
    """Draws faults, runs the suites on each, and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="of files whose path has this pattern in it")
    parser.add_argument("--report", type=Path, default=ROOT / "reports" / "mutants.md")
    options = parser.parse_args()
    mutants = drawn(ROOT, options.count, options.seed)
    # One file after another: then a fault compiles one anew, and not the one before it, too.
    mutants = sorted(
        (mutant for mutant in mutants if re.search(options.only, mutant.file)), key=lambda m: m.file
    )
    places: Queue[Path] = Queue()
    for job in range(options.jobs):
        places.put(workplace(WORK / str(job)))
    fates: dict[Mutant, str] = {}

    def judge(mutant: Mutant) -> None:
        place = places.get()
        try:
            fates[mutant] = fate(place, mutant)
        finally:
            places.put(place)
        print(f"{len(fates)} {fates[mutant]}: {mutant.key}", flush=True)
        write_report(options.report, fates, options.seed)

    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(judge, mutants))
    known = json.loads(EQUIVALENT.read_text())
    return int(any(found == "survived" and m.key not in known for m, found in fates.items()))


def workplace(place: Path) -> Path:
    """Makes copies of the contracts and their tests in which all suites pass; returns where.

    There is a whole one, and a near one, which has the suites that concern a fault.
    """
    whole = place / "whole"
    for part in ("contracts", "tests/forge", "tests/vectors", "tests/snapshots"):
        shutil.rmtree(whole / part, ignore_errors=True)
        shutil.copytree(ROOT / part, whole / part)
    for pattern in (*_LEFT_OUT, *_LEFT_OUT_TOO):
        for path in (whole / "tests/forge").glob(pattern):
            path.unlink()
    library = "node_modules/@openzeppelin"
    shutil.copytree(ROOT / library, whole / library, dirs_exist_ok=True)
    settings = (ROOT / "foundry.toml").read_text()
    compiler = f'solc = "{ROOT / ".venv/bin/solc"}"'
    (whole / "foundry.toml").write_text(settings.replace('solc = ".venv/bin/solc"', compiler))
    ran = forge(whole, 3_600)
    # What a test does as somebody else when it makes a contract fails if that is linked as it runs.
    unfit = sorted(set(re.findall(r"^\[FAIL.*\] (\w+)\(", ran.stdout, flags=re.M)))
    if "tests passed" not in ran.stdout or len(unfit) > 20:
        raise SystemExit("The suites fail without a fault:\n" + (ran.stdout + ran.stderr)[-4_000:])
    print(f"without {len(unfit)} tests that can't be linked as they run: {' '.join(unfit)}")
    for path in (whole / "tests/forge").glob("*.t.sol"):
        text = path.read_text()
        for name in unfit:
            text = text.replace(f"function {name}(", f"function unfit_{name}(")
        path.write_text(text)
    ran = forge(whole, 3_600)
    if ran.returncode:  # then every fault would seem noticed
        raise SystemExit("The suites fail without a fault:\n" + (ran.stdout + ran.stderr)[-4_000:])
    shutil.rmtree(place / "near", ignore_errors=True)
    shutil.copytree(whole, place / "near")
    return place


def forge(place: Path, longest: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs all suites of a place: a choice of forge's own would compile everything once more.

    Raises:
        subprocess.TimeoutExpired: they took longer than that, in seconds.
    """
    # Linked when they run, so that a fault in a contract compiles that contract and not its tests.
    settings = {
        "FOUNDRY_DYNAMIC_TEST_LINKING": "true",
        "FORGE_SNAPSHOT_CHECK": "false",
        "FOUNDRY_FUZZ_RUNS": "32",
        # A compiler that optimises takes four times as long, and says the same.
        "FOUNDRY_OPTIMIZER": "false",
        "FOUNDRY_CODE_SIZE_LIMIT": "1000000",
    }
    return subprocess.run(
        ["forge", "test", *options],
        cwd=place,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=longest,
    )


def _draw_near(place: Path, suites: str) -> None:
    """Leaves in the near place just these suites, and those that they import from."""
    folder = place / "whole/tests/forge"
    wanted, todo = set[str](), suites.split(",")
    for support in (folder / "support").glob("*.sol"):
        todo += re.findall(r'from "\.\./(\w+)\.t\.sol"', support.read_text())
    while todo:
        name = todo.pop()
        if name not in wanted and (folder / f"{name}.t.sol").exists():
            wanted.add(name)
            text = (folder / f"{name}.t.sol").read_text()
            todo += re.findall(r'from "\./(\w+)\.t\.sol"', text)
    for suite in folder.glob("*.t.sol"):
        near = place / "near/tests/forge" / suite.name
        if suite.name.removesuffix(".t.sol") not in wanted:
            near.unlink(missing_ok=True)
        elif not near.exists():
            shutil.copy2(suite, near)


def fate(place: Path, mutant: Mutant) -> str:
    """Returns "killed", "survived", or "invalid" of a fault that doesn't compile."""
    _draw_near(place, _CONCERNS.get(Path(mutant.file).stem, _STAKE))
    for part in ("near", "whole"):
        path = place / part / mutant.file
        right = path.read_text()
        lines = right.split("\n")
        lines[mutant.line - 1] = mutant.after
        path.write_text("\n".join(lines))
        try:
            ran = forge(place / part, _LONGEST, "--fail-fast")
        except subprocess.TimeoutExpired:
            return "killed"
        finally:
            path.write_text(right)
        if "[FAIL" in ran.stdout:
            return "killed"
        if ran.returncode:
            return "invalid"
    return "survived"


def write_report(path: Path, fates: dict[Mutant, str], seed: int) -> None:
    """Writes how many faults were noticed, by contract and by operator, and which weren't."""
    known: dict[str, str] = json.loads(EQUIVALENT.read_text())
    same = {m for m, found in fates.items() if found == "survived" and m.key in known}
    counted = {m: found for m, found in fates.items() if found != "invalid" and m not in same}
    lines = [f"# Faults that the suites notice, of {len(fates)} drawn by seed {seed}", ""]
    invalid = sum(found == "invalid" for found in fates.values())
    lines += [f"{score(counted)}; {len(same)} change nothing; {invalid} don't compile.", ""]
    for title, name in (("contract", "file"), ("operator", "operator")):
        lines += [f"| {title} | noticed | of |", "|---|---|---|"]
        total = Counter(getattr(m, name) for m in counted)
        noticed = Counter(getattr(m, name) for m, found in counted.items() if found == "killed")
        lines += [f"| {each} | {noticed[each]} | {total[each]} |" for each in sorted(total)] + [""]
    for mutant, found in sorted(fates.items(), key=lambda pair: pair[0].key):
        if found == "survived":
            why = known.get(mutant.key, "**wants a test**")
            lines.append(f"- line {mutant.line}, {mutant.operator}: `{mutant.key}`: {why}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def score(counted: dict[Mutant, str]) -> str:
    """Returns the share of faults that were noticed, in words."""
    noticed = sum(found == "killed" for found in counted.values())
    return f"{noticed} of {len(counted)} noticed ({100 * noticed / max(len(counted), 1):.1f} %)"


if __name__ == "__main__":
    sys.exit(main())
