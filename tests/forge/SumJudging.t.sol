// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../../contracts/interfaces/IAggregationJudge.sol";
import {IHiddenRounds} from "../../contracts/interfaces/IHiddenRounds.sol";
import {IHiddenRoundsErrors} from "../../contracts/interfaces/IHiddenRoundsErrors.sol";
import {ISumJudge} from "../../contracts/interfaces/ISumJudge.sol";
import {SumJudge} from "../../contracts/privacy/SumJudge.sol";
import {ChunkProof, Leaf, OpenedSecrets} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {HiddenFixture} from "./support/HiddenFixture.sol";
import {PackedWriter} from "./support/PackedWriter.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// H-8: a hidden sum is what is left when the masks are off; what isn't proven is refused by name, and not judged.
contract SumJudgingTest is HiddenFixture {
    uint256 private constant MEMBERS = 6;
    uint256 private constant SURVIVORS = 4;

    RoundId private id;
    ISumJudge.SumParams private question;
    Leaf[] private leaves;
    ChunkProof[] private inputs;
    IAggregationJudge.Claim private claim;
    OpenedSecrets private secrets;

    function setUp() public {
        deployHidden();
        _play(MEMBERS, SURVIVORS, 2, LENGTH, 1);
    }

    /// The values of a member of a round of that length.
    function _valuesOf(uint256 index, uint64 length) private pure returns (int64[] memory values) {
        values = new int64[](length);
        for (uint256 i = 0; i < length; ++i) {
            values[i] = int64(int256(uint256(keccak256(abi.encode(index, i))) % 65_535)) - 32_767;
        }
    }

    function _play(uint256 members, uint256 survivors, uint16 neighbours, uint64 length, uint64 chunk) private {
        degree = neighbours;
        stakes.vectorLength = length;
        RoundTerms memory t = hiddenStakedTerms();
        id = shared(t, members, members);
        delete leaves;
        delete inputs;
        int64[] memory sums = new int64[](length);
        for (uint256 p = 0; p < survivors; ++p) {
            int64[] memory values = _valuesOf(p, length);
            for (uint256 i = 0; i < length; ++i) {
                sums[i] += values[i];
            }
            uint256[] memory masked = maskedOf(id, p, values);
            leaves.push(Leaf(participantOf(p), PackedWriter.root(masked, WIDTH), keccak256(abi.encode("cid", p)), 1));
            inputs.push(PackedWriter.proof(masked, WIDTH, chunk));
        }
        revealUpdates(id, t, leaves, members);
        unmask(id);
        question = ISumJudge.SumParams(id, length, chunk);
        secrets = secretsOf(id, leaves);
        _claim(sums, chunk);
    }

    function _claim(int64[] memory sums, uint64 chunk) private {
        ChunkProof memory proof = VectorWriter.proof(sums, 64, chunk);
        claim = IAggregationJudge.Claim(VectorWriter.root(sums, 64), proof.chunk, proof.siblings);
    }

    function _judged() private view returns (IAggregationJudge.Verdict memory) {
        return sumJudge.judge(question, leaves, inputs, claim, secrets);
    }

    function _refused(bytes memory why) private {
        vm.expectRevert(why);
        sumJudge.judge(question, leaves, inputs, claim, secrets);
    }

    function _numberAt(uint256 i) private view returns (int64 value) {
        bytes memory chunk = claim.chunk;
        uint64 bits;
        for (uint256 b = 0; b < 8; ++b) {
            bits = bits << 8 | uint8(chunk[i * 8 + b]);
        }
        return int64(bits);
    }

    /// Another number at a place of a vector of one chunk, or of the last one of two.
    function _spoil(uint256 i, uint64 change) private {
        bytes memory chunk = claim.chunk;
        for (uint256 b = 0; b < 8; ++b) {
            chunk[i * 8 + b] ^= bytes1(uint8(change >> (56 - 8 * b)));
        }
        claim.chunk = chunk;
        bytes32 node = sha256(bytes.concat(hex"00", chunk));
        if (claim.proof.length == 1) node = sha256(bytes.concat(hex"01", claim.proof[0], node));
        claim.root = sha256(bytes.concat(hex"02", bytes1(uint8(64)), bytes8(question.length), node));
    }

    // --- verdicts -------------------------------------------------------------------------------

    /// Rings, and complete graphs; with those who dropped beside each other or apart, as the order falls.
    function testFuzz_masks_come_off_and_any_other_number_is_named(
        uint8 members,
        uint8 dropped,
        uint8 neighbours,
        uint8 last,
        uint8 at,
        uint64 change
    ) public {
        uint256 count = 3 + members % 7;
        uint64 length = 1 + last % 30;
        _play(count, count - dropped % ((count + 1) / 2), uint16(2 + 2 * (neighbours % 4)), length, 0);
        require(_judged().correct, "right numerators");
        if (change == 0) change = 1;
        uint256 place = at % length;
        int64 right = _numberAt(place);
        _spoil(place, change);
        IAggregationJudge.Verdict memory verdict = _judged();
        require(!verdict.correct && verdict.coordinate == place, "another coordinate");
        require(verdict.expected == right && verdict.actual == _numberAt(place), "another number");
    }

    function test_a_coordinate_counts_from_the_vectors_first_value() public {
        holds(_judged().correct);
        _spoil(43, 1);
        IAggregationJudge.Verdict memory verdict = _judged();
        holds(!verdict.correct);
        same(verdict.coordinate, 256 + 43);
    }

    function testFuzz_leaves_come_in_any_order(uint256 seed) public {
        for (uint256 i = SURVIVORS - 1; i > 0; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            (Leaf memory leaf, ChunkProof memory input) = (leaves[i], inputs[i]);
            leaves[i] = leaves[j];
            leaves[j] = leaf;
            inputs[i] = inputs[j];
            inputs[j] = input;
            (secrets.seeds[i], secrets.seeds[j]) = (secrets.seeds[j], secrets.seeds[i]);
        }
        require(_judged().correct, "another order");
    }

    function test_whose_update_is_summed_survived() public view {
        for (uint256 i = 0; i < MEMBERS; ++i) {
            holds(sumJudge.isSummed(id, participantOf(i)) == (i < SURVIVORS));
        }
        holds(!sumJudge.isSummed(id, STRANGER));
        holds(!sumJudge.isSummed(RoundId.wrap(keccak256("none")), participantOf(0)));
    }

    // --- what is refused ------------------------------------------------------------------------

    function test_a_plain_round_is_refused() public {
        question.roundId = RoundId.wrap(keccak256("none"));
        _refused(abi.encodeWithSelector(IHiddenRoundsErrors.NotHidden.selector, question.roundId));
    }

    function test_survivors_have_to_be_written_down() public {
        question.roundId = shared(hiddenStakedTerms(), 3, 3);
        _refused(abi.encodeWithSelector(IHiddenRoundsErrors.NotFrozen.selector, question.roundId, 0));
    }

    function test_all_survivors_are_needed() public {
        leaves.pop();
        _refused(abi.encodeWithSelector(ISumJudge.WrongNumberOfLeaves.selector, SURVIVORS - 1, SURVIVORS));
        leaves.push(Leaf(participantOf(SURVIVORS), 0, 0, 1));
        leaves.push(Leaf(participantOf(SURVIVORS), 0, 0, 1));
        _refused(abi.encodeWithSelector(ISumJudge.WrongNumberOfLeaves.selector, SURVIVORS + 1, SURVIVORS));
    }

    function test_nobody_else_is_a_survivor() public {
        address[3] memory others = [participantOf(SURVIVORS), participantOf(0), STRANGER];
        for (uint256 i = 0; i < 3; ++i) {
            leaves[2].participant = others[i];
            _refused(abi.encodeWithSelector(ISumJudge.NotASurvivor.selector, id, others[i]));
        }
    }

    function test_every_leaf_has_a_chunk_and_a_seed() public {
        inputs.pop();
        _refused(_counts(SURVIVORS - 1, SURVIVORS));
        inputs.push(inputs[0]);
        secrets.seeds.pop();
        _refused(_counts(SURVIVORS, SURVIVORS - 1));
        secrets.seeds.push(0);
        secrets.seeds.push(0);
        _refused(_counts(SURVIVORS, SURVIVORS + 1));
    }

    function _counts(uint256 chunks, uint256 seeds) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ISumJudge.WrongNumberOfSeeds.selector, chunks, seeds, SURVIVORS);
    }

    function test_keys_are_of_those_who_dropped_alone() public {
        uint256 needed = secrets.keys.length;
        holds(needed != 0);
        // One more, of a survivor: nobody's business here.
        secrets.keys.push(bytes32(keyOf(0)));
        _refused(abi.encodeWithSelector(ISumJudge.WrongNumberOfKeys.selector, needed + 1, needed));
        secrets.keys.pop();
        secrets.keys.pop();
        _refused(abi.encodeWithSelector(ISumJudge.WrongNumberOfKeys.selector, needed - 1, needed));
    }

    function testFuzz_another_seed_is_refused(uint8 which, bytes32 change) public {
        uint256 i = which % SURVIVORS;
        secrets.seeds[i] ^= change == 0 ? bytes32(uint256(1)) : change;
        _refused(abi.encodeWithSelector(IHiddenRoundsErrors.WrongSeed.selector, id, participantOf(i)));
    }

    function test_another_members_seed_is_refused() public {
        (secrets.seeds[0], secrets.seeds[1]) = (secrets.seeds[1], secrets.seeds[0]);
        _refused(abi.encodeWithSelector(IHiddenRoundsErrors.WrongSeed.selector, id, participantOf(0)));
    }

    function testFuzz_another_key_is_refused(uint256 key) public {
        address dropped = _firstDropped();
        vm.assume(key != uint256(secrets.keys[0]));
        secrets.keys[0] = bytes32(key);
        _refused(abi.encodeWithSelector(IHiddenRoundsErrors.WrongKey.selector, id, dropped));
    }

    /// The same number but for a multiple of the order, the number of the opposite point, and none.
    function test_a_key_is_the_one_number_below_the_order() public {
        address dropped = _firstDropped();
        uint256 key = uint256(secrets.keys[0]);
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        uint256[3] memory others = [order - key, 0, order];
        for (uint256 i = 0; i < 3; ++i) {
            secrets.keys[0] = bytes32(others[i]);
            _refused(abi.encodeWithSelector(IHiddenRoundsErrors.WrongKey.selector, id, dropped));
        }
    }

    function _firstDropped() private view returns (address) {
        address[] memory members = hidden.groupOf(id, 0).members;
        for (uint256 place = 0; place < members.length; ++place) {
            bool isKey = bytes32(keyOf(indexOf(members[place]))) == secrets.keys[0];
            if (isKey) return members[place];
        }
        revert("nobody dropped");
    }

    function testFuzz_a_chunk_that_is_not_the_updates_is_refused(uint8 which, uint8 at, uint8 change) public {
        uint256 i = which % SURVIVORS;
        bytes memory chunk = inputs[i].chunk;
        chunk[at % chunk.length] ^= bytes1(change == 0 ? 1 : change);
        inputs[i].chunk = chunk;
        _refused(abi.encodeWithSelector(IAggregationJudge.InputNotProven.selector, i));
    }

    function test_a_claim_that_nobody_made_is_refused() public {
        claim.root ^= bytes32(uint256(1));
        _refused(abi.encodeWithSelector(IAggregationJudge.ResultNotProven.selector));
    }

    function test_another_chunk_or_length_is_refused() public {
        question.index = 0;
        _refused(abi.encodeWithSelector(IAggregationJudge.ResultNotProven.selector));
        (question.index, question.length) = (2, LENGTH);
        _refused(abi.encodeWithSelector(IAggregationJudge.ResultNotProven.selector));
        (question.index, question.length) = (1, LENGTH - 1);
        _refused(abi.encodeWithSelector(IAggregationJudge.ResultNotProven.selector));
    }

    function test_a_judge_without_hidden_rounds_is_not_made() public {
        vm.expectRevert(abi.encodeWithSelector(ISumJudge.ZeroAddress.selector));
        new SumJudge(IHiddenRounds(address(0)));
        same(address(sumJudge.hiddenRounds()), address(hidden));
    }

    /// Without gas for the precompile nothing may be told, least of all that a right sum is wrong.
    function testFuzz_want_of_gas_is_never_taken_for_a_wrong_sum(uint32 gas_) public view {
        try sumJudge.judge{gas: 400_000 + gas_ % 600_000}(question, leaves, inputs, claim, secrets) returns (
            IAggregationJudge.Verdict memory verdict
        ) {
            require(verdict.correct, "a wrong answer for want of gas");
        } catch {}
    }
}
