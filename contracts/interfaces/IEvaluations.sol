// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Proposal, StakeTerms} from "../types/DisputeTypes.sol";
import {RoundId} from "../types/RoundTypes.sol";

/// @title What no contract can compute of a round under stake, attested by K of N evaluators (F-11)
/// @dev Evaluators recompute the version and the scores, and sign what they found. K dishonest ones could have a right
///      proposal rejected, or wrong payouts through, unless the panel's governor rules otherwise: whoever proposes in a
///      round accepts its panel by name.
interface IEvaluations {
    /// What an evaluator signs (EIP-712): the version and the documents, by digest, and who is paid what.
    /// `scoresDigest` is the SHA-256 of the scores as canonical JSON.
    struct Attestation {
        RoundId roundId;
        bytes32 versionDigest;
        bytes32 documentDigest;
        bytes32 payoutRoot;
        uint256 payoutTotal;
        bytes32 payoutDocument;
        bytes32 scoresDigest;
    }

    /// Who may attest. `governor` rules on appeals within `appealWindow` seconds; without one decisions stand at once.
    struct Panel {
        uint8 threshold;
        uint8 members;
        uint32 appealWindow;
        address governor;
    }

    /// Where a decision stands: signed by a quorum and open to an appeal; appealed, so that only the governor's word
    /// counts; ruled by the governor; or lapsed, since the proposal or the time was gone before that.
    enum DecisionState {
        None,
        Found,
        Appealed,
        Ruled,
        Lapsed
    }

    /// What was decided of a proposal.
    struct Decision {
        DecisionState state;
        bool right;
        uint64 appealEndsAt;
        address appellant;
    }

    error InvalidPanel();
    error PanelExists(bytes32 panel);
    error NoPanel(RoundId roundId);
    error ZeroAddress();
    error NoProposal(RoundId roundId);
    error RoundOver(RoundId roundId);
    error WrongProposal(RoundId roundId);
    error WrongRound(RoundId expected, RoundId actual);
    error TooFewSignatures(uint256 given, uint256 threshold);
    error NotAMember(bytes32 panel, address signer);
    error SignersNotAscending(address before, address signer);
    error BadSignature(address signer);
    error AppealOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    error AppealOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// The decision is in another state than the call is for.
    error WrongState(RoundId roundId, uint32 proposal, DecisionState expected, DecisionState actual);
    error NotGovernor(address caller, address governor);
    error ProposalStands(RoundId roundId, uint32 proposal);
    error FoundRight(RoundId roundId, uint32 proposal);

    event PanelCreated(
        bytes32 indexed panel, address[] members, uint8 threshold, address governor, uint32 appealWindow
    );
    event ProposalEvaluated(
        RoundId indexed roundId,
        uint32 indexed proposal,
        bool right,
        Attestation attestation,
        address[] signers,
        uint64 appealEndsAt
    );
    event DecisionAppealed(RoundId indexed roundId, uint32 indexed proposal, address indexed appellant);
    event AppealRuled(RoundId indexed roundId, uint32 indexed proposal, bool right);
    event AppealLapsed(RoundId indexed roundId, uint32 indexed proposal, address indexed appellant, uint256 bond);

    /// @notice Creates a panel, which never changes. Caller: anyone.
    /// @param members 1 to 64 accounts, ascending.
    /// @param threshold how many have to agree, at least 1.
    /// @param governor who rules on appeals: an account or a contract; zero for nobody.
    /// @param appealWindow in seconds, 0 without a governor.
    /// @return panel the hash of all of it.
    function createPanel(address[] calldata members, uint8 threshold, address governor, uint32 appealWindow)
        external
        returns (bytes32 panel);

    /// @notice Hands in what K evaluators signed about a round: the standing proposal is right if it says the same, and
    ///         wrong if not. Caller: anyone.
    /// @param signers ascending members of the panel that the stake terms name.
    function attest(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external;

    /// @notice Appeals to the panel's governor, under the round's bond. Caller: anyone with free stake, in time.
    function appeal(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Rules on an appeal while its round is open; a bond that was wrong is burnt. Caller: the governor.
    function rule(RoundId roundId, StakeTerms calldata stakes, bool right) external;

    /// @notice Rejects a proposal that was found wrong, once no appeal is open; the whole stake is burnt, so that nobody
    ///         gains by it. Caller: anyone.
    function carryOut(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Gives an appellant its bond back when the proposal was rejected otherwise, or its round is over without a
    ///         ruling; nothing follows from the decision then. Caller: anyone; the appellant's stake is free.
    function lapseAppeal(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external;

    /// @return whether a proposal was found right, and no appeal is open or possible.
    function isFinal(RoundId roundId, uint32 proposal) external view returns (bool);

    function hasPanel(bytes32 panel) external view returns (bool);

    function panelOf(bytes32 panel) external view returns (Panel memory);

    function isMember(bytes32 panel, address account) external view returns (bool);

    function decisionOf(RoundId roundId, uint32 proposal) external view returns (Decision memory);
}
