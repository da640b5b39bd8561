// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAggregationJudge} from "../../contracts/interfaces/IAggregationJudge.sol";
import {Modules, Uptime} from "../../contracts/types/ModuleTypes.sol";
import {IEmergencyStop} from "../../contracts/interfaces/IEmergencyStop.sol";
import {IEvaluations} from "../../contracts/interfaces/IEvaluations.sol";
import {IHiddenRounds} from "../../contracts/interfaces/IHiddenRounds.sol";
import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IStakeVault} from "../../contracts/interfaces/IStakeVault.sol";
import {IStakedRounds} from "../../contracts/interfaces/IStakedRounds.sol";
import {ISumJudge} from "../../contracts/interfaces/ISumJudge.sol";
import {ITokenList} from "../../contracts/interfaces/ITokenList.sol";
import {ITrainingRounds} from "../../contracts/interfaces/ITrainingRounds.sol";
import {IVersionJudge} from "../../contracts/interfaces/IVersionJudge.sol";
import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {Availability} from "../../contracts/stake/Availability.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Evaluations} from "../../contracts/stake/Evaluations.sol";
import {HiddenRounds} from "../../contracts/privacy/HiddenRounds.sol";
import {Questions} from "../../contracts/stake/Questions.sol";
import {StakeFloors} from "../../contracts/stake/StakeFloors.sol";
import {StakedRounds} from "../../contracts/stake/StakedRounds.sol";
import {WeightedPayouts} from "../../contracts/stake/WeightedPayouts.sol";
import {Fixture} from "./support/Fixture.sol";

/// The contracts of rounds under stake know each other from the start: none is made without the others, and each keeps
/// those that it was given.
contract StakePartsTest is Fixture {
    /// Every part but the one at `missing` has an address of its own.
    function _parts(uint256 count, uint256 missing) private pure returns (address[] memory parts) {
        parts = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            if (i != missing) parts[i] = address(uint160(0xA0 + i));
        }
    }

    function _refusesZero() private {
        vm.expectRevert(abi.encodeWithSelector(IStakedRounds.ZeroAddress.selector));
    }

    function _rounds(address[] memory p) private returns (StakedRounds) {
        return new StakedRounds(
            IModelRegistry(p[0]),
            ITrainingRounds(p[1]),
            IStakeVault(p[2]),
            IWeightedPayouts(p[3]),
            IEmergencyStop(p[4]),
            Modules(p[5], p[6], p[7], p[8], p[9]),
            Uptime(address(0xFEED), 50)
        );
    }

    function test_rounds_under_stake_are_not_made_without_any_of_their_parts() public {
        for (uint256 i = 0; i < 10; ++i) {
            address[] memory parts = _parts(10, i);
            _refusesZero();
            _rounds(parts);
        }
        address[] memory p = _parts(10, 10);
        StakedRounds made = _rounds(p);
        same(address(made.registry()), p[0]);
        same(address(made.rounds()), p[1]);
        same(address(made.vault()), p[2]);
        same(address(made.pots()), p[3]);
        same(address(made.emergencyStop()), p[4]);
        same(made.disputes(), p[5]);
        same(made.questions(), p[6]);
        same(made.evaluations(), p[7]);
        same(made.availability(), p[8]);
        same(address(made.floors()), p[9]);
        same(address(made.uptimeFeed()), address(0xFEED));
        same(made.grace(), 50);
    }

    function _disputes(address[] memory p) private returns (Disputes) {
        return new Disputes(IStakedRounds(p[0]), IAggregationJudge(p[1]), IVersionJudge(p[2]), ISumJudge(p[3]));
    }

    function test_disputes_are_not_made_without_rounds_and_all_judges() public {
        for (uint256 i = 0; i < 4; ++i) {
            address[] memory parts = _parts(4, i);
            _refusesZero();
            _disputes(parts);
        }
        address[] memory p = _parts(4, 4);
        Disputes made = _disputes(p);
        same(address(made.rounds()), p[0]);
        same(address(made.judge()), p[1]);
        same(address(made.versionJudge()), p[2]);
        same(address(made.sumJudge()), p[3]);
    }

    function _pots(address[] memory p) private returns (WeightedPayouts) {
        return new WeightedPayouts(IStakedRounds(p[0]), ITrainingRounds(p[1]), ITokenList(p[2]));
    }

    function test_pots_are_not_made_without_rounds_and_a_list_of_tokens() public {
        for (uint256 i = 0; i < 3; ++i) {
            address[] memory parts = _parts(3, i);
            _refusesZero();
            _pots(parts);
        }
        address[] memory p = _parts(3, 3);
        WeightedPayouts made = _pots(p);
        same(address(made.staked()), p[0]);
        same(address(made.rounds()), p[1]);
        same(address(made.tokens()), p[2]);
    }

    function _questions(address[] memory p) private returns (Questions) {
        return new Questions(IStakedRounds(p[0]), IStakeVault(p[1]), IHiddenRounds(p[2]));
    }

    function test_questions_are_not_made_without_rounds_a_vault_and_hidden_rounds() public {
        for (uint256 i = 0; i < 3; ++i) {
            address[] memory parts = _parts(3, i);
            _refusesZero();
            _questions(parts);
        }
        address[] memory p = _parts(3, 3);
        Questions made = _questions(p);
        same(address(made.rounds()), p[0]);
        same(address(made.vault()), p[1]);
        same(address(made.hiddenRounds()), p[2]);
    }

    function _hiddenRounds(address[] memory p) private returns (HiddenRounds) {
        return new HiddenRounds(ITrainingRounds(p[0]), IStakedRounds(p[1]), IQuestions(p[2]));
    }

    function test_hidden_rounds_are_not_made_without_both_kinds_of_rounds_and_questions() public {
        for (uint256 i = 0; i < 3; ++i) {
            address[] memory parts = _parts(3, i);
            _refusesZero();
            _hiddenRounds(parts);
        }
        address[] memory p = _parts(3, 3);
        HiddenRounds made = _hiddenRounds(p);
        same(address(made.rounds()), p[0]);
        same(address(made.staked()), p[1]);
        same(address(made.questions()), p[2]);
    }

    function test_evaluations_are_not_made_without_rounds_and_a_vault() public {
        for (uint256 i = 0; i < 2; ++i) {
            address[] memory parts = _parts(2, i);
            _refusesZero();
            new Evaluations(IStakedRounds(parts[0]), IStakeVault(parts[1]));
        }
        address[] memory p = _parts(2, 2);
        Evaluations made = new Evaluations(IStakedRounds(p[0]), IStakeVault(p[1]));
        same(address(made.staked()), p[0]);
        same(address(made.vault()), p[1]);
    }

    function test_availability_is_not_made_without_both_kinds_of_rounds() public {
        for (uint256 i = 0; i < 2; ++i) {
            address[] memory parts = _parts(2, i);
            _refusesZero();
            new Availability(IStakedRounds(parts[0]), ITrainingRounds(parts[1]));
        }
        address[] memory p = _parts(2, 2);
        Availability made = new Availability(IStakedRounds(p[0]), ITrainingRounds(p[1]));
        same(address(made.staked()), p[0]);
        same(address(made.rounds()), p[1]);
    }

    function test_floors_are_not_made_without_a_list_of_tokens_and_evaluations() public {
        for (uint256 i = 0; i < 2; ++i) {
            address[] memory parts = _parts(2, i);
            _refusesZero();
            new StakeFloors(ITokenList(parts[0]), IEvaluations(parts[1]), 3, 4);
        }
        address[] memory p = _parts(2, 2);
        StakeFloors made = new StakeFloors(ITokenList(p[0]), IEvaluations(p[1]), 3, 4);
        same(address(made.tokens()), p[0]);
        same(address(made.evaluations()), p[1]);
        same(made.leastCertifyWindow(), 3);
        same(made.leastAnswerWindow(), 4);
    }
}
