"""The structs of the contracts.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.fraud_proofs.nodes import Children, Leaf, Node, Path
from registry.fraud_proofs.server_steps import Server, StepProof
from registry.fraud_proofs.stake_terms import ChunkProof, Proposal, StakeTerms
from registry.types import Content

__all__ = [
    "BY_TYPE",
    "AggregationJudgeChunkParams",
    "AggregationJudgeVerdict",
    "Attestation",
    "Batch",
    "Bond",
    "Checkpoint208",
    "Children",
    "ChunkProof",
    "Claim",
    "Content",
    "Decision",
    "Distribution",
    "Escrow",
    "Group",
    "HiddenGroup",
    "HiddenTerms",
    "Input",
    "Lattice",
    "Leaf",
    "Member",
    "Model",
    "MomentumParams",
    "Node",
    "OpenedSecrets",
    "Opening",
    "Panel",
    "Path",
    "PendingRoot",
    "PostedShare",
    "Pot",
    "Proposal",
    "Question",
    "Result",
    "RevealLeaf",
    "Roots",
    "Round",
    "RoundStatus",
    "RoundTerms",
    "Seat",
    "Server",
    "SignedShare",
    "StakeTerms",
    "StakedRound",
    "StepProof",
    "StepRoots",
    "SumParams",
    "VersionJudgeChunkParams",
    "VersionJudgeVerdict",
]


@dataclass(frozen=True, slots=True)
class AggregationJudgeChunkParams:
    """`struct IAggregationJudge.ChunkParams`."""

    rule: int
    trim: int
    bits: int
    length: int
    index: int


@dataclass(frozen=True, slots=True)
class AggregationJudgeVerdict:
    """`struct IAggregationJudge.Verdict`."""

    correct: bool
    coordinate: int
    expected: int
    actual: int


@dataclass(frozen=True, slots=True)
class Attestation:
    """`struct IEvaluations.Attestation`."""

    round_id: bytes
    version_digest: bytes
    document_digest: bytes
    payout_root: bytes
    payout_total: int
    payout_document: bytes
    scores_digest: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """`struct Batch`."""

    root: bytes
    reveal_root: bytes
    count: int
    own: int
    posted: int
    twice: int
    struck: bool


@dataclass(frozen=True, slots=True)
class Bond:
    """`struct IForfeits.Bond`."""

    token: str
    state: int
    closes_at: int
    funder: str
    each: int
    left: int


@dataclass(frozen=True, slots=True)
class Checkpoint208:
    """`struct Checkpoints.Checkpoint208`."""

    key: int
    value: int


@dataclass(frozen=True, slots=True)
class Claim:
    """`struct IAggregationJudge.Claim`."""

    root: bytes
    chunk: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """`struct IEvaluations.Decision`."""

    state: int
    correct: bool
    appeal_ends_at: int
    appellant: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """`struct IPayoutDistributor.Distribution`."""

    funded: int
    paid: int
    claims_end: int


@dataclass(frozen=True, slots=True)
class Escrow:
    """`struct IRewardPool.Escrow`."""

    token: str
    state: int
    funder: str
    amount: int


@dataclass(frozen=True, slots=True)
class Group:
    """`struct IWeightedPayouts.Group`."""

    path: Path
    leaves: tuple[Leaf, ...]
    which: int


@dataclass(frozen=True, slots=True)
class HiddenGroup:
    """`struct HiddenGroup`."""

    members: tuple[str, ...]
    published: tuple[Member, ...]
    active: int
    survivors: int
    frozen: bool
    open: bool
    stranded: bool


@dataclass(frozen=True, slots=True)
class HiddenTerms:
    """`struct HiddenTerms`."""

    ring: int
    degree: int
    threshold: int
    group_size: int
    weight_cap: int
    bundle_deadline: int
    unmask_deadline: int


@dataclass(frozen=True, slots=True)
class Input:
    """`struct IAggregationJudge.Input`."""

    root: bytes
    weight: int
    chunk: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Lattice:
    """`struct Lattice`."""

    bits: int
    step_exponent: int
    guard_bits: int
    clip_norm: int


@dataclass(frozen=True, slots=True)
class Member:
    """`struct Member`."""

    x: int
    seed_commitment: bytes
    share_root: bytes
    index: int
    odd: bool
    published: bool
    seed_opened: bool
    key_opened: bool


@dataclass(frozen=True, slots=True)
class Model:
    """`struct Model`."""

    owner: str
    pending_owner: str
    visibility: int
    version_count: int
    epoch: int


@dataclass(frozen=True, slots=True)
class MomentumParams:
    """`struct IVersionJudge.MomentumParams`."""

    factor: int
    rate: int
    nesterov: bool


@dataclass(frozen=True, slots=True)
class OpenedSecrets:
    """`struct OpenedSecrets`."""

    seeds: tuple[bytes, ...]
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """`struct Opening`."""

    update_root: bytes
    content_digest: bytes
    weight: int
    salt: bytes


@dataclass(frozen=True, slots=True)
class Panel:
    """`struct IEvaluations.Panel`."""

    threshold: int
    members: int
    appeal_window: int
    governor: str


@dataclass(frozen=True, slots=True)
class PendingRoot:
    """`struct IPayoutDistributor.PendingRoot`."""

    root: bytes
    poster: str
    activates_at: int


@dataclass(frozen=True, slots=True)
class PostedShare:
    """`struct PostedShare`."""

    dealer: str
    kind: int
    place: int
    share: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Pot:
    """`struct IWeightedPayouts.Pot`."""

    amount: int
    paid: int
    shares: int
    remainder_paid: bool


@dataclass(frozen=True, slots=True)
class Question:
    """`struct IQuestions.Question`."""

    asker: str
    deadline: int
    kind: int
    proposal: int
    open: bool
    bond_held: bool
    accountable: str
    subject: bytes
    chunk: int


@dataclass(frozen=True, slots=True)
class Result:
    """`struct Result`."""

    result_root: bytes
    version_digest: bytes
    document_digest: bytes
    accepted: int
    total_weight: int


@dataclass(frozen=True, slots=True)
class RevealLeaf:
    """`struct RevealLeaf`."""

    participant: str
    update_root: bytes
    content_digest: bytes
    weight: int


@dataclass(frozen=True, slots=True)
class Roots:
    """`struct IVersionJudge.Roots`."""

    base: bytes
    numerators: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class Round:
    """`struct Round`."""

    coordinator: str
    enrolment_deadline: int
    enrolled: int
    commit_deadline: int
    reveal_deadline: int
    proposal_deadline: int
    challenge_window: int
    weight_cap: int
    maximum_participants: int
    batched: int
    committed: int
    revealed: int
    batch_revealed: int
    batches: int
    minimum_participants: int
    challenge_ends_at: int
    own_reveals: int
    posted_reveals: int
    finalised: bool
    voided: bool
    funded: bool
    bonded: bool
    allow_list_root: bytes
    terms_hash: bytes
    model_id: bytes


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """`struct RoundStatus`."""

    proposer: str
    proposals: int
    ends_at: int
    proposal_hash: bytes
    top_hash: bytes
    certify_end: int
    slash_end: int
    bits: int
    guard_bits: int
    step_exponent: int
    over: bool


@dataclass(frozen=True, slots=True)
class RoundTerms:
    """`struct RoundTerms`."""

    model_id: bytes
    base_version: int
    strategy: bytes
    document_digest: bytes
    lattice: Lattice
    enrolment_deadline: int
    commit_deadline: int
    reveal_deadline: int
    proposal_deadline: int
    challenge_window: int
    minimum_participants: int
    maximum_participants: int
    allow_list_root: bytes
    weight_cap: int
    reward_token: str
    reward_budget: int
    forfeit: int


@dataclass(frozen=True, slots=True)
class Seat:
    """`struct IStakedRounds.Seat`."""

    state: int
    index: int
    burnt: bool
    withheld: bool


@dataclass(frozen=True, slots=True)
class SignedShare:
    """`struct SignedShare`."""

    place: int
    share: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class StakedRound:
    """`struct IStakedRounds.StakedRound`."""

    sponsor: str
    certify_end: int
    proposals: int
    proposer: str
    ends_at: int
    seats: int
    proposal_hash: bytes
    top_hash: bytes
    terms_hash: bytes
    model_id: bytes
    slash_end: int
    proposal_deadline: int
    certify_by: int
    minimum: int
    bits: int
    guard_bits: int
    step_exponent: int
    settled: bool
    proposer_released: bool


@dataclass(frozen=True, slots=True)
class StepRoots:
    """`struct IVersionJudge.StepRoots`."""

    base: bytes
    momenta: bytes
    numerators: bytes
    claim: bytes


@dataclass(frozen=True, slots=True)
class SumParams:
    """`struct ISumJudge.SumParams`."""

    round_id: bytes
    length: int
    index: int


@dataclass(frozen=True, slots=True)
class VersionJudgeChunkParams:
    """`struct IVersionJudge.ChunkParams`."""

    precision: int
    length: int
    index: int
    step_exponent: int
    guard_bits: int
    denominator: int


@dataclass(frozen=True, slots=True)
class VersionJudgeVerdict:
    """`struct IVersionJudge.Verdict`."""

    correct: bool
    coordinate: int
    expected: int
    actual: int


BY_TYPE: Final[Mapping[str, type]] = {
    "struct Batch": Batch,
    "struct Checkpoints.Checkpoint208": Checkpoint208,
    "struct Children": Children,
    "struct ChunkProof": ChunkProof,
    "struct Content": Content,
    "struct HiddenGroup": HiddenGroup,
    "struct HiddenTerms": HiddenTerms,
    "struct IAggregationJudge.ChunkParams": AggregationJudgeChunkParams,
    "struct IAggregationJudge.Claim": Claim,
    "struct IAggregationJudge.Input": Input,
    "struct IAggregationJudge.Verdict": AggregationJudgeVerdict,
    "struct IEvaluations.Attestation": Attestation,
    "struct IEvaluations.Decision": Decision,
    "struct IEvaluations.Panel": Panel,
    "struct IForfeits.Bond": Bond,
    "struct IPayoutDistributor.Distribution": Distribution,
    "struct IPayoutDistributor.PendingRoot": PendingRoot,
    "struct IQuestions.Question": Question,
    "struct IRewardPool.Escrow": Escrow,
    "struct IStakedRounds.Seat": Seat,
    "struct IStakedRounds.StakedRound": StakedRound,
    "struct ISumJudge.SumParams": SumParams,
    "struct IVersionJudge.ChunkParams": VersionJudgeChunkParams,
    "struct IVersionJudge.MomentumParams": MomentumParams,
    "struct IVersionJudge.Roots": Roots,
    "struct IVersionJudge.StepRoots": StepRoots,
    "struct IVersionJudge.Verdict": VersionJudgeVerdict,
    "struct IWeightedPayouts.Group": Group,
    "struct IWeightedPayouts.Pot": Pot,
    "struct Lattice": Lattice,
    "struct Leaf": Leaf,
    "struct Member": Member,
    "struct Model": Model,
    "struct Node": Node,
    "struct OpenedSecrets": OpenedSecrets,
    "struct Opening": Opening,
    "struct Path": Path,
    "struct PostedShare": PostedShare,
    "struct Proposal": Proposal,
    "struct Result": Result,
    "struct RevealLeaf": RevealLeaf,
    "struct Round": Round,
    "struct RoundStatus": RoundStatus,
    "struct RoundTerms": RoundTerms,
    "struct Server": Server,
    "struct SignedShare": SignedShare,
    "struct StakeTerms": StakeTerms,
    "struct StepProof": StepProof,
}
"""The dataclasses by their internal types in the ABIs."""
