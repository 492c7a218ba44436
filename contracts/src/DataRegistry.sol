// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {AccessControlEnumerable} from "@openzeppelin/contracts/access/extensions/AccessControlEnumerable.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IDataRegistry} from "./IDataRegistry.sol";

/// @title  DataRegistry
/// @notice See IDataRegistry. The admin, moved in two steps, appoints publishers, grantors and loggers.
/// @dev    Releases and grants are keyed by (product, number) and dense from the first number on: a number is taken
///         only when the one before it is there. That check is one cold read (2,100 gas), where the length slot of an
///         array is a write (5,000, and 22,100 the first time). Counting is left to views, which search for the end.
contract DataRegistry is IDataRegistry, AccessControlDefaultAdminRules, AccessControlEnumerable {
    /// @inheritdoc IDataRegistry
    bytes32 public constant PUBLISHER = keccak256("PUBLISHER");
    /// @inheritdoc IDataRegistry
    bytes32 public constant GRANTOR = keccak256("GRANTOR");
    /// @inheritdoc IDataRegistry
    bytes32 public constant LOGGER = keccak256("LOGGER");

    uint256 private constant _FIRST_VERSION = 1;
    uint256 private constant _FIRST_GRANT = 0;
    uint256 private constant _MAX_REASON_BYTES = 256;

    bytes32[] private _products;
    mapping(bytes32 product => uint256 time) private _registeredAt;
    mapping(bytes32 product => mapping(uint256 version => Release)) private _releases;
    mapping(bytes32 product => mapping(uint256 version => Withdrawal)) private _withdrawals;
    mapping(bytes32 product => mapping(uint256 index => Grant)) private _grants;
    mapping(uint256 number => Checkpoint) private _checkpoints; // numbered from 1

    /// @dev Starts at 1, so that the slot is never zero and the first checkpoint costs what every later one does.
    uint128 private _nextCheckpoint = 1;
    uint64 private _latestSize;

    /// @param adminDelay Seconds that must pass before an appointed admin can accept
    /// @param admin      The first admin
    constructor(uint48 adminDelay, address admin) AccessControlDefaultAdminRules(adminDelay, admin) {}

    // ------------------------------------------------------------------------------------------------- writing

    /// @inheritdoc IDataRegistry
    function registerProduct(bytes32 product) external onlyRole(PUBLISHER) {
        if (!_isName(product)) revert MalformedProduct(product);
        if (_registeredAt[product] != 0) revert ProductAlreadyRegistered(product);
        _registeredAt[product] = block.timestamp;
        _products.push(product);
        emit ProductRegistered(product, msg.sender);
    }

    /// @inheritdoc IDataRegistry
    function publish(
        bytes32 product,
        uint256 version,
        bytes32 manifestDigest,
        bytes32 contentRoot
    ) external onlyRole(PUBLISHER) {
        if (manifestDigest == 0) revert ZeroValue("manifestDigest");
        if (contentRoot == 0) revert ZeroValue("contentRoot");
        if (!_isNext(_hasRelease, product, version, _FIRST_VERSION)) {
            _requireProduct(product);
            revert NotNextVersion(product, version, _end(_hasRelease, product, _FIRST_VERSION));
        }
        Release storage entry = _releases[product][version];
        entry.manifestDigest = manifestDigest;
        entry.contentRoot = contentRoot;
        entry.publisher = msg.sender;
        entry.publishedAt = uint40(block.timestamp);
        entry.blockNumber = uint40(block.number);
        emit ReleasePublished(product, version, manifestDigest, contentRoot, msg.sender);
    }

    /// @inheritdoc IDataRegistry
    function withdraw(bytes32 product, uint256 version, string calldata reason) external onlyRole(PUBLISHER) {
        uint256 length = bytes(reason).length;
        if (length == 0 || length > _MAX_REASON_BYTES) revert BadReasonLength(length);
        if (!_hasRelease(product, version)) revert UnknownRelease(product, version);
        Withdrawal storage entry = _withdrawals[product][version];
        if (entry.withdrawnAt != 0) revert AlreadyWithdrawn(product, version, entry.withdrawnAt);
        _releases[product][version].withdrawn = true;
        entry.by = msg.sender;
        entry.withdrawnAt = uint40(block.timestamp);
        entry.blockNumber = uint40(block.number);
        entry.reason = reason;
        emit ReleaseWithdrawn(product, version, msg.sender, reason);
    }

    /// @inheritdoc IDataRegistry
    function grant(
        bytes32 product,
        uint256 index,
        bytes32 party,
        uint40 notBefore,
        uint40 notAfter,
        bytes32 termsHash
    ) external onlyRole(GRANTOR) {
        if (party == 0) revert ZeroValue("party");
        if (termsHash == 0) revert ZeroValue("termsHash");
        if (notBefore >= notAfter) revert EmptyWindow(notBefore, notAfter);
        if (notAfter < block.timestamp) revert WindowPast(notAfter, block.timestamp);
        if (!_isNext(_hasGrant, product, index, _FIRST_GRANT)) {
            _requireProduct(product);
            revert NotNextGrant(product, index, _end(_hasGrant, product, _FIRST_GRANT));
        }
        Grant storage entry = _grants[product][index];
        entry.party = party;
        entry.termsHash = termsHash;
        entry.notBefore = notBefore;
        entry.notAfter = notAfter;
        entry.grantedAt = uint40(block.timestamp);
        entry.blockNumber = uint40(block.number);
        emit GrantIssued(product, index, party, notBefore, notAfter, termsHash, msg.sender);
    }

    /// @inheritdoc IDataRegistry
    function revoke(bytes32 product, uint256 index) external onlyRole(GRANTOR) {
        Grant storage entry = _grants[product][index];
        if (entry.grantedAt == 0) revert UnknownGrant(product, index);
        if (entry.revokedAt != 0) revert AlreadyRevoked(product, index, entry.revokedAt);
        entry.revokedAt = uint40(block.timestamp);
        entry.revokedBlock = uint40(block.number);
        emit GrantRevoked(product, index, entry.party, msg.sender);
    }

    /// @inheritdoc IDataRegistry
    function checkpoint(uint64 size, bytes32 root) external onlyRole(LOGGER) {
        if (root == 0) revert ZeroValue("root");
        if (size <= _latestSize) revert SizeNotIncreasing(size, _latestSize);
        uint128 number = _nextCheckpoint;
        _nextCheckpoint = number + 1;
        _latestSize = size;
        Checkpoint storage entry = _checkpoints[number];
        entry.root = root;
        entry.size = size;
        entry.recordedAt = uint40(block.timestamp);
        entry.blockNumber = uint40(block.number);
        emit CheckpointRecorded(number - 1, size, root, msg.sender);
    }

    // ------------------------------------------------------------------------------------------------- reading

    /// @inheritdoc IDataRegistry
    function productCount() external view returns (uint256) {
        return _products.length;
    }

    /// @inheritdoc IDataRegistry
    function productAt(uint256 index) external view returns (bytes32 product) {
        if (index >= _products.length) revert IndexOutOfRange(index, _products.length);
        return _products[index];
    }

    /// @inheritdoc IDataRegistry
    function products(uint256 from, uint256 count) external view returns (bytes32[] memory page) {
        page = new bytes32[](_pageLength(from, count, _products.length));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _products[from + i];
    }

    /// @inheritdoc IDataRegistry
    function productRegisteredAt(bytes32 product) external view returns (uint256 time) {
        return _registeredAt[product];
    }

    /// @inheritdoc IDataRegistry
    function releaseCount(bytes32 product) external view returns (uint256 count) {
        return _end(_hasRelease, product, _FIRST_VERSION) - _FIRST_VERSION;
    }

    /// @inheritdoc IDataRegistry
    function release(bytes32 product, uint256 version) external view returns (Release memory) {
        if (!_hasRelease(product, version)) revert UnknownRelease(product, version);
        return _releases[product][version];
    }

    /// @inheritdoc IDataRegistry
    function releases(bytes32 product, uint256 from, uint256 count) external view returns (Release[] memory page) {
        if (from < _FIRST_VERSION) revert UnknownRelease(product, from);
        page = new Release[](_pageLength(from, count, _end(_hasRelease, product, _FIRST_VERSION)));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _releases[product][from + i];
    }

    /// @inheritdoc IDataRegistry
    function withdrawal(bytes32 product, uint256 version) external view returns (Withdrawal memory) {
        if (!_hasRelease(product, version)) revert UnknownRelease(product, version);
        return _withdrawals[product][version];
    }

    /// @inheritdoc IDataRegistry
    function grantCount(bytes32 product) external view returns (uint256 count) {
        return _end(_hasGrant, product, _FIRST_GRANT);
    }

    /// @inheritdoc IDataRegistry
    function grantAt(bytes32 product, uint256 index) external view returns (Grant memory) {
        if (!_hasGrant(product, index)) revert UnknownGrant(product, index);
        return _grants[product][index];
    }

    /// @inheritdoc IDataRegistry
    function grants(bytes32 product, uint256 from, uint256 count) external view returns (Grant[] memory page) {
        page = new Grant[](_pageLength(from, count, _end(_hasGrant, product, _FIRST_GRANT)));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _grants[product][from + i];
    }

    /// @inheritdoc IDataRegistry
    function checkpointCount() public view returns (uint256) {
        return _nextCheckpoint - 1;
    }

    /// @inheritdoc IDataRegistry
    function checkpointAt(uint256 index) external view returns (Checkpoint memory) {
        if (index >= checkpointCount()) revert IndexOutOfRange(index, checkpointCount());
        return _checkpoints[index + 1];
    }

    /// @inheritdoc IDataRegistry
    function checkpoints(uint256 from, uint256 count) external view returns (Checkpoint[] memory page) {
        page = new Checkpoint[](_pageLength(from, count, checkpointCount()));
        for (uint256 i = 0; i < page.length; ++i) page[i] = _checkpoints[from + i + 1];
    }

    /// @inheritdoc IDataRegistry
    function latestCheckpoint() external view returns (Checkpoint memory) {
        return _checkpoints[checkpointCount()];
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function supportsInterface(
        bytes4 interfaceId
    ) public view override(AccessControlDefaultAdminRules, AccessControlEnumerable) returns (bool) {
        return interfaceId == type(IDataRegistry).interfaceId || super.supportsInterface(interfaceId);
    }

    // ----------------------------------------------------------------------------------------- dense numbering

    function _hasRelease(bytes32 product, uint256 version) private view returns (bool) {
        return _releases[product][version].publishedAt != 0;
    }

    function _hasGrant(bytes32 product, uint256 index) private view returns (bool) {
        return _grants[product][index].grantedAt != 0;
    }

    /// @dev Whether `number` is free and follows what is there: the first of a registered product, or the successor
    ///      of one that exists (which means the product is registered).
    function _isNext(
        function(bytes32, uint256) view returns (bool) has,
        bytes32 product,
        uint256 number,
        uint256 first
    ) private view returns (bool) {
        if (number < first || has(product, number)) return false;
        return number == first ? _registeredAt[product] != 0 : has(product, number - 1);
    }

    /// @dev One more than the last number there is: doubles the step until it misses, then halves the gap.
    function _end(
        function(bytes32, uint256) view returns (bool) has,
        bytes32 product,
        uint256 first
    ) private view returns (uint256) {
        uint256 step = 1;
        while (has(product, first + step - 1)) step *= 2;
        uint256 low = first + step / 2; // every number below is there
        uint256 high = first + step - 1; // this one is not
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (has(product, middle)) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    function _requireProduct(bytes32 product) private view {
        if (_registeredAt[product] == 0) revert UnknownProduct(product);
    }

    /// @dev How many of `count` entries from `from` on lie before `end`.
    function _pageLength(uint256 from, uint256 count, uint256 end) private pure returns (uint256) {
        if (from >= end) return 0;
        return count < end - from ? count : end - from;
    }

    /// @dev Whether the word is 1 to 32 characters of a-z, 0-9 and '-', followed by nothing but zero bytes. Names that
    ///      look alike, or carry invisible characters, can't be registered.
    function _isName(bytes32 word) private pure returns (bool) {
        uint256 length = 0;
        while (length < 32 && word[length] != 0) {
            bytes1 c = word[length];
            bool taken = (c >= "a" && c <= "z") || (c >= "0" && c <= "9") || c == "-";
            if (!taken) return false;
            ++length;
        }
        return length != 0 && (length == 32 || uint256(word) << (length * 8) == 0);
    }

    // ---------------------------------------------------------------------------- what both parents define

    /// @inheritdoc AccessControlDefaultAdminRules
    function grantRole(
        bytes32 role,
        address account
    ) public override(AccessControlDefaultAdminRules, AccessControl, IAccessControl) {
        super.grantRole(role, account);
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function revokeRole(
        bytes32 role,
        address account
    ) public override(AccessControlDefaultAdminRules, AccessControl, IAccessControl) {
        super.revokeRole(role, account);
    }

    /// @inheritdoc AccessControlDefaultAdminRules
    function renounceRole(
        bytes32 role,
        address account
    ) public override(AccessControlDefaultAdminRules, AccessControl, IAccessControl) {
        super.renounceRole(role, account);
    }

    function _setRoleAdmin(
        bytes32 role,
        bytes32 adminRole
    ) internal override(AccessControlDefaultAdminRules, AccessControl) {
        super._setRoleAdmin(role, adminRole);
    }

    function _grantRole(
        bytes32 role,
        address account
    ) internal override(AccessControlDefaultAdminRules, AccessControlEnumerable) returns (bool) {
        return super._grantRole(role, account);
    }

    function _revokeRole(
        bytes32 role,
        address account
    ) internal override(AccessControlDefaultAdminRules, AccessControlEnumerable) returns (bool) {
        return super._revokeRole(role, account);
    }
}
