"""The suites of `bench_accuracy`: which scenarios, and for how many rounds.

Learning rates were chosen once per model and split, the same for every row of a table but for the
server's own rates, which are those of the papers or the nearest that don't diverge here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from accuracy.attackers import ATTACKS, POISONS
from accuracy.scenarios import LATTICES, Scenario

from trainer.documents.terms_document import TermsDocument
from trainer.plan.training_plan import LocalPlan
from trainer.transforms import TransformTerms
from trainer.types import Lattice

PLAN = LocalPlan(1, 10, "sgd", "0.05")
RULES: dict[str, tuple[str, dict[str, int]]] = {
    "mean": ("mean", {}),
    "median": ("median", {}),
    "trimmed mean": ("trimmed_mean", {"trim": 8}),
    "Krum": ("krum", {"byzantine": 8}),
    "Multi-Krum": ("krum", {"byzantine": 8, "keep": 10}),
    "Bulyan": ("bulyan", {"byzantine": 4}),
    "RFA": ("geometric_median", {}),
    "centred clipping": ("centred_clipping", {}),
    "norm clipping": ("norm_clipping", {}),
    "NNM + trimmed mean": ("nnm+trimmed_mean", {"nnm.byzantine": 8, "trim": 8}),
    "bucketing + RFA": ("bucketing+geometric_median", {"bucketing.size": 2}),
    "FLTrust": ("fltrust", {"trusted": f"0x{20:040x}"}),
    "FoolsGold": ("foolsgold", {}),
}
STRATEGIES: dict[str, TermsDocument] = {
    "FedAvg": TermsDocument(plan=PLAN),
    "FedProx (0.1)": TermsDocument(plan=replace(PLAN, proximal="0.1")),
    "FedAvgM": TermsDocument("fedavgm", plan=PLAN, strategy_parameters={"learning_rate": "0.3"}),
    "FedAdagrad": TermsDocument(
        "fedadagrad", plan=PLAN, strategy_parameters={"learning_rate": "0.03"}
    ),
    "FedAdam": TermsDocument("fedadam", plan=PLAN, strategy_parameters={"learning_rate": "0.01"}),
    "FedYogi": TermsDocument("fedyogi", plan=PLAN, strategy_parameters={"learning_rate": "0.01"}),
    "DiLoCo (outer Nesterov)": TermsDocument(
        "diloco", plan=PLAN, strategy_parameters={"learning_rate": "0.3"}
    ),
    "FedNova": TermsDocument("fednova", plan=PLAN),
    "q-FedAvg (q = 1)": TermsDocument(
        "qfedavg", plan=replace(PLAN, weight="loss"), scoring="equal"
    ),
    "q-FedAvg (q = 1, L = 0.2)": TermsDocument(
        "qfedavg",
        plan=replace(PLAN, weight="loss"),
        scoring="equal",
        strategy_parameters={"lipschitz": "0.2"},
    ),
    "SCAFFOLD (50 steps)": TermsDocument(
        "scaffold", plan=replace(PLAN, steps=50), strategy_parameters={"participants": "20"}
    ),
    "FedAvg (50 steps)": TermsDocument(plan=replace(PLAN, steps=50)),
    "FedBuff (0 to 4 versions late)": TermsDocument(
        "fedbuff", plan=replace(PLAN, weight="staleness"), scoring="equal"
    ),
    "gossip (all 20 peers)": TermsDocument("gossip", plan=PLAN, scoring="equal"),
    "hierarchical (fan-in 4)": TermsDocument(
        "hierarchical", plan=PLAN, strategy_parameters={"fan_in": "4"}
    ),
}
OTHERWISE: dict[str, dict[str, Any]] = {"fedbuff": {"late": 4}, "gossip": {"fraction": 1.0}}
"""What a strategy's row has that the others haven't."""

FEEDBACK = TransformTerms("error_feedback")
BYTES, WORDS = Lattice(8, -10, 8), LATTICES["mnist"]


def chosen(name: str, **parameters: str) -> TransformTerms:
    """Returns a transform with its parameters."""
    return TransformTerms(name, parameters)


CHAINS: dict[str, tuple[tuple[TransformTerms, ...], Lattice]] = {
    "16 bits": ((), WORDS),
    "8 bits": ((), BYTES),
    "8 bits, error feedback": ((FEEDBACK,), BYTES),
    "top 10 %": ((chosen("top_k", fraction="0.1"),), WORDS),
    "top 10 %, error feedback": ((FEEDBACK, chosen("top_k", fraction="0.1")), WORDS),
    "top 1 %": ((chosen("top_k", fraction="0.01"),), WORDS),
    "top 1 %, error feedback": ((FEEDBACK, chosen("top_k", fraction="0.01")), WORDS),
    "7 levels": ((chosen("quantize", levels="7"),), WORDS),
    "1 level": ((chosen("quantize", levels="1"),), WORDS),
    "top 10 %, 1 level": (
        (chosen("top_k", fraction="0.1"), chosen("quantize", levels="1")),
        WORDS,
    ),
    "clip to 1": ((chosen("clip", norm="1"),), WORDS),
    "clip to 1, noise 0.001": (
        (chosen("clip", norm="1"), chosen("noise", deviation="0.001")),
        WORDS,
    ),
    "clip to 1, noise 0.01": ((chosen("clip", norm="1"), chosen("noise", deviation="0.01")), WORDS),
}
"""What participants do to updates, and the lattice that they put them on."""


@dataclass(frozen=True)
class Suite:
    """Scenarios that make one table, the first one trained centrally.

    `goals` are accuracies to count rounds to; `weighs` adds how large updates are; rows of a suite
    `by_attack` are named `rule | split | attack | part`.
    """

    title: str
    scenarios: list[Scenario]
    rounds: int
    goals: tuple[float, ...] = ()
    weighs: bool = False
    by_attack: bool = False

    def smaller(self, rows: int) -> Suite:
        """Returns the first rows, each on fewer examples."""
        return replace(self, scenarios=[scenario.smaller() for scenario in self.scenarios[:rows]])


def central(scenario: Scenario, steps: int) -> Scenario:
    """One participant with all the examples, and as many steps a round as the others together."""
    plan = replace(PLAN, steps=steps)
    return replace(
        scenario, name="centralised", document=TermsDocument(plan=plan), clients=1, fraction=1.0
    )


def rounds() -> Suite:
    """How many rounds federated averaging needs, as its paper counts them."""
    one = Scenario("IID, E = 1", TermsDocument(plan=PLAN), "iid", "cnn", 100, 0.1)
    five = TermsDocument(plan=replace(PLAN, epochs=5))
    rows = [
        central(one, 600),
        one,
        replace(one, name="IID, E = 5", document=five),
        replace(one, name="two shards each, E = 1", split="shards"),
        replace(one, name="two shards each, E = 5", split="shards", document=five),
    ]
    title = "Rounds of federated averaging to 97 % and 99 %: 100 clients, C = 0.1, B = 10, CNN"
    return Suite(title, rows, 30, (0.97, 0.99))


def strategies() -> Suite:
    """Every strategy on the same Dirichlet splits."""
    rows = []
    for alpha in ("0.5", "0.1"):
        like = Scenario("", TermsDocument(plan=PLAN), alpha, "small", 20, 0.5, 20_000)
        for name, document in STRATEGIES.items():
            row = replace(like, name=f"{name}, Dirichlet {alpha}", document=document)
            rows.append(replace(row, **OTHERWISE.get(document.strategy, {})))
    whole = central(rows[0], 1_000)
    return Suite("Strategies: 20 clients, half of them a round, B = 10", [whole, *rows], 30)


def robust() -> Suite:
    """Rules against attacks; what they cost without one."""
    rows = []
    for split in ("iid", "0.5", "0.1"):
        for attack in (*ATTACKS, *POISONS):
            for malicious in (0,) if attack == "none" else (2, 4, 6, 8):
                for rule, (name, given) in RULES.items():
                    document = TermsDocument(
                        plan=PLAN, aggregator=name, aggregator_parameters=given
                    )
                    told = f"{rule} | {split} | {attack} | {5 * malicious} %"
                    rows.append(
                        Scenario(told, document, split, "small", 20, 1.0, 6_000, attack, malicious)
                    )
    whole = central(rows[0], 600)
    title = "Robust rules: rule | split | attack | malicious of 20"
    return Suite(title, [whole, *rows], 10, by_attack=True)


def transformed() -> Suite:
    """What it costs to send less, or to hide in noise."""
    like = Scenario("", TermsDocument(plan=PLAN), "0.5", "small", 20, 0.5, 20_000)
    rows = []
    for name, (chain, lattice) in CHAINS.items():
        document = TermsDocument(plan=PLAN, transforms=chain)
        rows.append(replace(like, name=name, document=document, lattice=lattice))
    whole = central(like, 1_000)
    title = "Transforms: FedAvg, Dirichlet 0.5, 20 clients, half of them a round, B = 10"
    return Suite(title, [whole, *rows], 15, weighs=True)


def plays() -> Suite:
    """The next character, by who speaks."""
    plan = replace(PLAN, learning_rate="1.0")
    whole = Scenario(
        "centralised",
        TermsDocument(plan=replace(plan, steps=500)),
        *("iid", "lstm", 1, 1.0, 25_000),
        tested=2_000,
        data="plays",
    )
    one = replace(whole, document=TermsDocument(plan=plan), clients=50, fraction=0.2)
    rows = [
        whole,
        replace(one, name="50 speakers, E = 1", split="speakers"),
        replace(one, name="the same windows shuffled, E = 1"),
    ]
    title = "Shakespeare by speaker: the next character, LSTM, C = 0.2, B = 10"
    return Suite(title, rows, 20)


SUITES = {
    "plays": plays,
    "rounds": rounds,
    "strategies": strategies,
    "robust": robust,
    "transforms": transformed,
}
