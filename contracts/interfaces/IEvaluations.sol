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
        /// The round's id.
        RoundId roundId;
        /// SHA-256 of the version's root block.
        bytes32 versionDigest;
        /// SHA-256 of the result document's raw block.
        bytes32 documentDigest;
        /// Root of who is paid what.
        bytes32 payoutRoot;
        /// The sum of its leaves.
        uint256 payoutTotal;
        /// SHA-256 of the raw block that lists them.
        bytes32 payoutDocument;
        /// SHA-256 of the scores as canonical JSON.
        bytes32 scoresDigest;
    }

    /// Who may attest. `governor` rules on appeals within `appealWindow` seconds; without one decisions stand at once.
    struct Panel {
        /// How many have to agree; 0: there is no such panel.
        uint8 threshold;
        /// How many there are, 1 to 64.
        uint8 members;
        /// In seconds; 0 without a governor.
        uint32 appealWindow;
        /// Who rules on appeals; 0: nobody.
        address governor;
    }

    /// Where a decision stands: signed by a quorum and open to an appeal; appealed, so that only the governor's word
    /// counts; ruled by the governor; or lapsed, since the proposal or the time was gone before that.
    enum DecisionState {
        None,
        Attested,
        Appealed,
        Ruled,
        Lapsed
    }

    /// What was decided of a proposal.
    struct Decision {
        /// Where it stands.
        DecisionState state;
        /// Whether it is for the proposal.
        bool correct;
        /// In seconds since 1970.
        uint64 appealEndsAt;
        /// Whose bond is locked; 0: nobody appealed.
        address appellant;
    }

    /// @notice Members, threshold or window out of range.
    error InvalidPanel();
    /// @notice The same panel was made before.
    /// @param panel the panel's id: the hash of what it was made of.
    error PanelExists(bytes32 panel);
    /// @notice The terms name none.
    /// @param roundId the round's id (R-1).
    error NoPanel(RoundId roundId);
    /// @notice Every contract has to be there.
    error ZeroAddress();
    /// @notice No proposal stands.
    /// @param roundId the round's id (R-1).
    error NoProposal(RoundId roundId);
    /// @notice The round is over.
    /// @param roundId the round's id (R-1).
    error RoundOver(RoundId roundId);
    /// @notice Another proposal stands.
    /// @param roundId the round's id (R-1).
    error WrongProposal(RoundId roundId);
    /// @notice The attestation is of another round.
    /// @param expected the round of the call.
    /// @param actual the round of the attestation.
    error WrongRound(RoundId expected, RoundId actual);
    /// @notice Fewer than the panel's threshold, or not one per signer.
    /// @param given what was given.
    /// @param threshold how many have to agree.
    error TooFewSignatures(uint256 given, uint256 threshold);
    /// @notice The signer isn't of the panel.
    /// @param panel the panel's id: the hash of what it was made of.
    /// @param signer whose signature it is.
    error NotAMember(bytes32 panel, address signer);
    /// @notice Each account once, by ascending address.
    /// @param before the address before it.
    /// @param signer whose signature it is.
    error SignersNotAscending(address before, address signer);
    /// @notice Not what this signer signed.
    /// @param signer whose signature it is.
    error BadSignature(address signer);
    /// @notice Nobody may appeal any more.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error AppealOver(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice An appeal is possible still.
    /// @param roundId the round's id (R-1).
    /// @param endsAt when that ends, in seconds since 1970.
    /// @param blockTime the block's time, in seconds since 1970.
    error AppealOpen(RoundId roundId, uint64 endsAt, uint64 blockTime);
    /// @notice The decision is in another state than the call is for.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param expected what it had to be.
    /// @param actual what it is.
    error WrongState(RoundId roundId, uint32 proposal, DecisionState expected, DecisionState actual);
    /// @notice Only the panel's governor rules.
    /// @param caller who called.
    /// @param governor the panel's.
    error NotGovernor(address caller, address governor);
    /// @notice It stands in a round that isn't over: it can be ruled on.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    error ProposalStands(RoundId roundId, uint32 proposal);
    /// @notice The decision says that the proposal is correct.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    error FoundCorrect(RoundId roundId, uint32 proposal);

    /// @notice There is a panel; it never changes.
    /// @param panel the panel's id: the hash of what it was made of.
    /// @param members 1 to 64 accounts, ascending.
    /// @param threshold how many have to agree.
    /// @param governor who rules on appeals: an account or a contract; zero for nobody.
    /// @param appealWindow in seconds.
    event PanelCreated(
        bytes32 indexed panel, address[] members, uint8 threshold, address governor, uint32 appealWindow
    );
    /// @notice K evaluators said what they found.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param correct whether the proposal is.
    /// @param attestation what the signers signed.
    /// @param signers ascending members of the panel that the terms name.
    /// @param appealEndsAt until when an appeal is taken, in seconds since 1970.
    event ProposalEvaluated(
        RoundId indexed roundId,
        uint32 indexed proposal,
        bool correct,
        Attestation attestation,
        address[] signers,
        uint64 appealEndsAt
    );
    /// @notice Only the governor's word counts now.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param appellant who appealed, under a bond.
    event DecisionAppealed(RoundId indexed roundId, uint32 indexed proposal, address indexed appellant);
    /// @notice The governor ruled.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param correct whether the proposal is.
    event AppealRuled(RoundId indexed roundId, uint32 indexed proposal, bool correct);
    /// @notice Nobody will rule: the bond is free.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @param appellant who appealed, under a bond.
    /// @param bond in the token's smallest unit.
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

    /// @notice Hands in what K evaluators signed about a round: the standing proposal is correct if it says the same, and
    ///         wrong if not. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the standing one.
    /// @param attestation what the signers signed.
    /// @param signers ascending members of the panel that the stake terms name.
    /// @param signatures in the signers' order.
    function attest(
        RoundId roundId,
        StakeTerms calldata stakes,
        Proposal calldata proposal,
        Attestation calldata attestation,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external;

    /// @notice Appeals to the panel's governor, under the round's bond. Caller: anyone with free stake, in time.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    function appeal(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Rules on an appeal while its round is open; a bond that was wrong is burnt. Caller: the governor.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param correct whether the proposal is.
    function rule(RoundId roundId, StakeTerms calldata stakes, bool correct) external;

    /// @notice Rejects a proposal that was found wrong, once no appeal is open; the whole stake is burnt, so that nobody
    ///         gains by it. Caller: anyone.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    function enforceDecision(RoundId roundId, StakeTerms calldata stakes) external;

    /// @notice Gives an appellant its bond back when the proposal was rejected otherwise, or its round is over without a
    ///         ruling; nothing follows from the decision then. Caller: anyone; the appellant's stake is free.
    /// @param roundId the round's id (R-1).
    /// @param stakes the round's stake terms, whose hash it keeps.
    /// @param proposal the proposal's number in its round, from 1.
    function lapseAppeal(RoundId roundId, StakeTerms calldata stakes, uint32 proposal) external;

    /// @notice Whether a decision stands for good, and for the proposal.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @return whether a proposal was found correct, and no appeal is open or possible.
    function isFinal(RoundId roundId, uint32 proposal) external view returns (bool);

    /// @notice Whether a panel was created.
    /// @param panel the panel's id: the hash of what it was made of.
    /// @return true if so.
    function hasPanel(bytes32 panel) external view returns (bool);

    /// @notice A panel by its id.
    /// @param panel the panel's id: the hash of what it was made of.
    /// @return zeros if there is none.
    function panelOf(bytes32 panel) external view returns (Panel memory);

    /// @notice Whether an account is of a panel.
    /// @param panel the panel's id: the hash of what it was made of.
    /// @param account a member, or not.
    /// @return true if so.
    function isMember(bytes32 panel, address account) external view returns (bool);

    /// @notice What was decided of a proposal.
    /// @param roundId the round's id (R-1).
    /// @param proposal the proposal's number in its round, from 1.
    /// @return state `None` if nobody attested.
    function decisionOf(RoundId roundId, uint32 proposal) external view returns (Decision memory);
}
