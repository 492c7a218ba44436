// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title  A public registry of data products: releases, grants and log checkpoints
/// @notice Holds what a reader needs to check a data product without trusting its publisher: which release carries
///         which digests, who was granted what and when, and how far the log of events had grown.
/// @dev    Everything is enumerable by count and index through views, so a reader who asks a node for state (and
///         proves it with `eth_getProof`) can't be shown a part only, as could happen with logs.
///
///         What stands in STATE, and can be proved against a block hash with `eth_getProof`: every record below with
///         all its fields, who published and who withdrew a release, and who holds which role now.
///         What stands only in EVENTS: who registered a product, who granted, who revoked, who recorded a checkpoint,
///         and who gave or took a role and when. A node can leave events out without a trace, so a reader who needs
///         these must ask several nodes, or check the receipts of a block against its `receiptsRoot`; that something
///         was done, and when, needs no event. Whoever did it held the role it needs in that block.
///
///         Products are short names: 1 to 32 characters of a-z, 0-9 and '-', left-aligned and zero padded.
///         Whoever numbers something says which number is expected, so a call repeated after a crash reverts.
///         Times are Unix seconds of the block, and `blockNumber` is that block.
interface IDataRegistry {
    // ------------------------------------------------------------------------------------------------ records

    /// @notice A published version of a product. Only `withdrawn` can ever change, once, to true.
    /// @param manifestDigest SHA-256 of the release's manifest
    /// @param contentRoot    Merkle root over the chunks of the release's files
    /// @param publisher      The account that published it
    /// @param publishedAt    Time of the publishing block; 0 means there is no such release
    /// @param blockNumber    Number of the publishing block
    /// @param withdrawn      Whether it has been withdrawn since; see `withdrawal`
    struct Release {
        bytes32 manifestDigest;
        bytes32 contentRoot;
        address publisher;
        uint40 publishedAt;
        uint40 blockNumber;
        bool withdrawn;
    }

    /// @notice Who withdrew a release, when and why
    /// @param by          The account that withdrew it; zero means the release stands
    /// @param withdrawnAt Time of the withdrawing block
    /// @param blockNumber Number of the withdrawing block
    /// @param reason      The reason in the publisher's words, 1 to 256 bytes of UTF-8
    struct Withdrawal {
        address by;
        uint40 withdrawnAt;
        uint40 blockNumber;
        string reason;
    }

    /// @notice A party's leave to use a product. Only the two revocation fields can ever change, once.
    /// @param party        Identifier of the party; 32 bytes, as some chains have longer addresses than this one
    /// @param termsHash    SHA-256 of the terms agreed
    /// @param notBefore    First second of the window, included
    /// @param notAfter     Last second of the window, included
    /// @param grantedAt    Time of the granting block; 0 means there is no such grant
    /// @param blockNumber  Number of the granting block
    /// @param revokedAt    Time of the revoking block; 0 means never revoked
    /// @param revokedBlock Number of the revoking block; 0 means never revoked
    struct Grant {
        bytes32 party;
        bytes32 termsHash;
        uint40 notBefore;
        uint40 notAfter;
        uint40 grantedAt;
        uint40 blockNumber;
        uint40 revokedAt;
        uint40 revokedBlock;
    }

    /// @notice The state of the event log at one moment
    /// @param root         RFC 6962 Merkle root of the log's first `size` leaves
    /// @param size         Number of leaves
    /// @param recordedAt   Time of the recording block
    /// @param blockNumber  Number of the recording block
    struct Checkpoint {
        bytes32 root;
        uint64 size;
        uint40 recordedAt;
        uint40 blockNumber;
    }

    // ------------------------------------------------------------------------------------------------- errors

    /// @notice `product` is not 1 to 32 of a-z, 0-9 and '-', left-aligned and zero padded.
    /// @param product What was given as a name
    error MalformedProduct(bytes32 product);
    /// @notice `product` is registered already.
    /// @param product The product's name as 32 bytes
    error ProductAlreadyRegistered(bytes32 product);
    /// @notice No product has been registered under `product`.
    /// @param product The name no product has
    error UnknownProduct(bytes32 product);
    /// @notice The argument called `name` (ASCII) is zero, which no digest and no party is.
    /// @param name The name of the argument, ASCII, left-aligned and zero padded
    error ZeroValue(bytes32 name);
    /// @notice The next version of `product` is `expected`, not `given`.
    /// @param product  The product's name as 32 bytes
    /// @param given    The version the caller gave
    /// @param expected The version that comes next
    error NotNextVersion(bytes32 product, uint256 given, uint256 expected);
    /// @notice `product` has no release numbered `version`.
    /// @param product The product's name as 32 bytes
    /// @param version The version it has no release of
    error UnknownRelease(bytes32 product, uint256 version);
    /// @notice The release was withdrawn at `withdrawnAt` already.
    /// @param product     The product's name as 32 bytes
    /// @param version     The release's version
    /// @param withdrawnAt When it was withdrawn, in Unix seconds
    error AlreadyWithdrawn(bytes32 product, uint256 version, uint40 withdrawnAt);
    /// @notice The reason is `length` bytes long; 1 to 256 are taken.
    /// @param length The reason's length in bytes
    error BadReasonLength(uint256 length);
    /// @notice The next grant of `product` has index `expected`, not `given`.
    /// @param product  The product's name as 32 bytes
    /// @param given    The index the caller gave
    /// @param expected The index that comes next
    error NotNextGrant(bytes32 product, uint256 given, uint256 expected);
    /// @notice The window ends before it has begun.
    /// @param notBefore First second of the window
    /// @param notAfter  Last second of the window
    error EmptyWindow(uint40 notBefore, uint40 notAfter);
    /// @notice The window ended before the block at `blockTime`.
    /// @param notAfter  Last second of the window
    /// @param blockTime Time of the block, later than that
    error WindowPast(uint40 notAfter, uint256 blockTime);
    /// @notice `product` has no grant with this index.
    /// @param product The product's name as 32 bytes
    /// @param index   The index it has no grant with
    error UnknownGrant(bytes32 product, uint256 index);
    /// @notice The grant was revoked at `revokedAt` already.
    /// @param product   The product's name as 32 bytes
    /// @param index     The grant's index
    /// @param revokedAt When it was revoked, in Unix seconds
    error AlreadyRevoked(bytes32 product, uint256 index, uint40 revokedAt);
    /// @notice A checkpoint of `given` leaves can't follow one of `latest`.
    /// @param given  The number of leaves the caller gave
    /// @param latest The number of leaves in the latest checkpoint
    error SizeNotIncreasing(uint64 given, uint64 latest);
    /// @notice There are only `count` of these, so none has this index.
    /// @param index The index asked for, counted from 0
    /// @param count How many there are
    error IndexOutOfRange(uint256 index, uint256 count);

    // ------------------------------------------------------------------------------------------------- events

    /// @notice A product name was taken into use.
    /// @dev    `registrar` stands in this event only.
    /// @param product   The product's name as 32 bytes
    /// @param registrar The publisher who registered it
    event ProductRegistered(bytes32 indexed product, address indexed registrar);
    /// @notice A release was published.
    /// @param product        The product's name as 32 bytes
    /// @param version        The release's version
    /// @param manifestDigest SHA-256 of the manifest
    /// @param contentRoot    Merkle root over the files' chunks
    /// @param publisher      The account that published it
    event ReleasePublished(
        bytes32 indexed product,
        uint256 indexed version,
        bytes32 indexed manifestDigest,
        bytes32 contentRoot,
        address publisher
    );
    /// @notice A release was withdrawn; it and its digests stay readable.
    /// @param product The product's name as 32 bytes
    /// @param version The release's version
    /// @param by      The publisher who withdrew it, not always the one who published it
    /// @param reason  Why, in the publisher's words
    event ReleaseWithdrawn(bytes32 indexed product, uint256 indexed version, address indexed by, string reason);
    /// @notice A party was granted the use of a product.
    /// @dev    `grantor` stands in this event only.
    /// @param product   The product's name as 32 bytes
    /// @param index     The grant's index
    /// @param party     Identifier of the party
    /// @param notBefore First second of the window
    /// @param notAfter  Last second of the window
    /// @param termsHash SHA-256 of the terms agreed
    /// @param grantor   The account that granted
    event GrantIssued(
        bytes32 indexed product,
        uint256 indexed index,
        bytes32 indexed party,
        uint40 notBefore,
        uint40 notAfter,
        bytes32 termsHash,
        address grantor
    );
    /// @notice A grant was revoked; it stays readable.
    /// @dev    `by` stands in this event only.
    /// @param product The product's name as 32 bytes
    /// @param index   The grant's index
    /// @param party   Identifier of the party
    /// @param by      The grantor who revoked it, not always the one who issued it
    event GrantRevoked(bytes32 indexed product, uint256 indexed index, bytes32 indexed party, address by);
    /// @notice The state of the log was recorded.
    /// @dev    `logger` stands in this event only.
    /// @param index  The checkpoint's index, from 0
    /// @param size   Number of leaves
    /// @param root   Merkle root of those leaves
    /// @param logger The account that recorded it
    event CheckpointRecorded(uint256 indexed index, uint64 indexed size, bytes32 root, address logger);

    // ------------------------------------------------------------------------------------------------- writing

    /// @notice Take a product name into use. Needs PUBLISHER.
    /// @dev    Reverts with MalformedProduct or ProductAlreadyRegistered.
    /// @param product The name
    function registerProduct(bytes32 product) external;

    /// @notice Publish the next release of a product. Needs PUBLISHER.
    /// @dev    Any publisher may, whoever registered the product or published before.
    ///         Reverts with UnknownProduct, NotNextVersion or ZeroValue.
    /// @param product        A registered product
    /// @param version        The version this is to be: one more than `releaseCount`
    /// @param manifestDigest SHA-256 of the manifest
    /// @param contentRoot    Merkle root over the files' chunks
    function publish(bytes32 product, uint256 version, bytes32 manifestDigest, bytes32 contentRoot) external;

    /// @notice Withdraw a release for good. Needs PUBLISHER.
    /// @dev    Any publisher may, whoever published it.
    ///         Reverts with UnknownRelease, AlreadyWithdrawn or BadReasonLength.
    /// @param product The product
    /// @param version The release's version
    /// @param reason  Why, for every reader: 1 to 256 bytes of UTF-8, and no personal data, as it can't be erased
    function withdraw(bytes32 product, uint256 version, string calldata reason) external;

    /// @notice Grant a party the use of a product during a window. Needs GRANTOR.
    /// @dev    Reverts with UnknownProduct, NotNextGrant, ZeroValue, EmptyWindow or WindowPast.
    /// @param product   A registered product
    /// @param index     The index this grant is to have: `grantCount`
    /// @param party     The party
    /// @param notBefore First second of the window; may lie in the past
    /// @param notAfter  Last second of the window; later than `notBefore` and not past
    /// @param termsHash SHA-256 of the terms
    function grant(
        bytes32 product,
        uint256 index,
        bytes32 party,
        uint40 notBefore,
        uint40 notAfter,
        bytes32 termsHash
    ) external;

    /// @notice Revoke a grant for good. Needs GRANTOR.
    /// @dev    Any grantor may, whoever issued it.
    ///         Reverts with UnknownGrant or AlreadyRevoked.
    /// @param product The product
    /// @param index   The grant's index
    function revoke(bytes32 product, uint256 index) external;

    /// @notice Record the state of the log. Needs LOGGER.
    /// @dev    Reverts with SizeNotIncreasing or ZeroValue.
    /// @param size Number of leaves: more than in the latest checkpoint
    /// @param root Merkle root of those leaves
    function checkpoint(uint64 size, bytes32 root) external;

    // ------------------------------------------------------------------------------------------------- reading

    /// @notice The role that registers products, publishes and withdraws releases
    /// @dev    A role holds for the whole registry: whoever has it may publish to any product and withdraw any
    ///         release, whoever registered or published it. Which one did it is kept with each.
    /// @return Its identifier in AccessControl, keccak256("PUBLISHER")
    function PUBLISHER() external view returns (bytes32);

    /// @notice The role that grants and revokes
    /// @dev    It holds for all products, and whoever has it may revoke what another granted.
    /// @return Its identifier in AccessControl, keccak256("GRANTOR")
    function GRANTOR() external view returns (bytes32);

    /// @notice The role that records checkpoints
    /// @return Its identifier in AccessControl, keccak256("LOGGER")
    function LOGGER() external view returns (bytes32);

    /// @notice Number of products
    /// @return How many have been registered
    function productCount() external view returns (uint256);

    /// @notice The product with this index, in order of registration
    /// @dev    Reverts with IndexOutOfRange.
    /// @param index Index from 0
    /// @return product The product's name
    function productAt(uint256 index) external view returns (bytes32 product);

    /// @notice Up to `count` products in order of registration, beginning with index `from`; fewer at the end
    /// @param from  Index of the first one wanted, from 0
    /// @param count How many are wanted at most
    /// @return page Their names; empty beyond the end
    function products(uint256 from, uint256 count) external view returns (bytes32[] memory page);

    /// @notice When a product was registered
    /// @param product The product
    /// @return time Time of the registering block in Unix seconds; 0 for an unknown product
    function productRegisteredAt(bytes32 product) external view returns (uint256 time);

    /// @notice Number of releases of a product, withdrawn ones included
    /// @param product The product
    /// @return count The latest version, as versions are 1 to this number; 0 for an unknown product
    function releaseCount(bytes32 product) external view returns (uint256 count);

    /// @notice A release, withdrawn or not
    /// @dev    Reverts with UnknownRelease.
    /// @param product The product
    /// @param version The release's version, from 1
    /// @return The release
    function release(bytes32 product, uint256 version) external view returns (Release memory);

    /// @notice Up to `count` releases beginning with version `from`; fewer at the end
    /// @dev    Reverts with UnknownRelease if `from` is 0.
    /// @param product The product
    /// @param from    First version wanted, at least 1
    /// @param count   How many are wanted at most
    /// @return page The releases in order of their versions; empty beyond the end
    function releases(bytes32 product, uint256 from, uint256 count) external view returns (Release[] memory page);

    /// @notice A release's withdrawal
    /// @dev    Reverts with UnknownRelease.
    /// @param product The product
    /// @param version The release's version, from 1
    /// @return Who withdrew it, when and why; all zero and empty if the release stands
    function withdrawal(bytes32 product, uint256 version) external view returns (Withdrawal memory);

    /// @notice Number of grants of a product, revoked and expired ones included
    /// @param product The product
    /// @return count The index the next grant takes; 0 for an unknown product
    function grantCount(bytes32 product) external view returns (uint256 count);

    /// @notice The grant with this index, revoked or not
    /// @dev    Reverts with UnknownGrant.
    /// @param product The product
    /// @param index   Index from 0
    /// @return The grant
    function grantAt(bytes32 product, uint256 index) external view returns (Grant memory);

    /// @notice Up to `count` grants of a product beginning with index `from`; fewer at the end
    /// @param product The product
    /// @param from    Index of the first one wanted, from 0
    /// @param count   How many are wanted at most
    /// @return page The grants in order of their indexes; empty beyond the end
    function grants(bytes32 product, uint256 from, uint256 count) external view returns (Grant[] memory page);

    /// @notice Number of checkpoints
    /// @return How many have been recorded
    function checkpointCount() external view returns (uint256);

    /// @notice The checkpoint with this index
    /// @dev    Reverts with IndexOutOfRange.
    /// @param index Index from 0
    /// @return The checkpoint
    function checkpointAt(uint256 index) external view returns (Checkpoint memory);

    /// @notice Up to `count` checkpoints beginning with index `from`; fewer at the end
    /// @param from  Index of the first one wanted, from 0
    /// @param count How many are wanted at most
    /// @return page The checkpoints in the order they were recorded; empty beyond the end
    function checkpoints(uint256 from, uint256 count) external view returns (Checkpoint[] memory page);

    /// @notice The latest checkpoint; all zero before the first
    /// @return The checkpoint; all zero if there is none yet
    function latestCheckpoint() external view returns (Checkpoint memory);
}
