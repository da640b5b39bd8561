// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {AggregationRule, Children, ChunkProof, Node} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-1, F-8: a small robust round has leaves only, and what its rule makes of them is judged (of larger ones, see
/// LargeRound.t.sol).
contract RobustRoundsTest is StakedFixture {
    uint256 private constant PEOPLE = 5;
    RoundId private id;

    function setUp() public {
        deployStaked();
    }

    function _sorted(uint256 coordinate) private pure returns (int64[] memory column) {
        column = new int64[](PEOPLE);
        for (uint256 p = 0; p < PEOPLE; ++p) {
            int64 value = vectorOf(p)[coordinate];
            uint256 at = p;
            for (; at > 0 && column[at - 1] > value; --at) {
                column[at] = column[at - 1];
            }
            column[at] = value;
        }
    }

    /// The numerators of the median (`trim` 0) or of the trimmed mean.
    function _robust(uint256 trim) private pure returns (int64[] memory values) {
        values = new int64[](LENGTH);
        for (uint256 i = 256; i < LENGTH; ++i) {
            int64[] memory column = _sorted(i);
            if (trim == 0) values[i] = 2 * column[PEOPLE / 2];
            for (uint256 k = trim; trim != 0 && k < PEOPLE - trim; ++k) {
                values[i] += column[k];
            }
        }
    }

    /// Proposes numerators under a rule, and returns what proves their last chunk.
    function _proposedUnder(AggregationRule rule, uint32 trim, int64[] memory numerators)
        private
        returns (Node memory top)
    {
        (stakes.rule, stakes.trim) = (rule, trim);
        id = proposable(PEOPLE);
        top = nodeOver(leavesTo(PEOPLE), numerators);
        propose(id, top);
    }

    function _judges(AggregationRule rule, uint32 trim) private {
        int64[] memory right = _robust(trim);
        ChunkProof[] memory inputs = inputsOf(PEOPLE, 1);
        ChunkProof memory claim = VectorWriter.proof(right, 64, 1);
        Node memory top = _proposedUnder(rule, trim, right);
        Children memory children = childrenOf(leavesTo(PEOPLE));
        refuse(
            abi.encodeCall(disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 1, inputs, claim, WATCHER)),
            abi.encodeWithSelector(IDisputes.ChunkIsCorrect.selector, id, 1)
        );
        right[LENGTH - 2] += 1;
        claim = VectorWriter.proof(right, 64, 1);
        top = _proposedUnder(rule, trim, right);
        prove(abi.encodeCall(disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 1, inputs, claim, WATCHER)));
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function test_the_median_is_judged() public {
        _judges(AggregationRule.Median, 0);
    }

    function test_the_trimmed_mean_is_judged() public {
        _judges(AggregationRule.TrimmedMean, 1);
    }
}
