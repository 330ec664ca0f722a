using Microsoft.Extensions.Logging;
using Npgsql;

namespace Actors.Ledger;

/// <summary>Epochs, which each server checks its own commits by.</summary>
/// <remarks>
/// <para>
/// The home server counts a business's epoch, and the others are raised to its numbers, never back. A change goes to the others first: nobody reads an epoch
/// that doesn't bind everywhere already. Where it is broken off in between, sends to users of servers that have it are stale until the outbox has repeated it;
/// it was answered to nobody.
/// </para>
/// <para>
/// A version of the policy goes to the home server first, since there it is found out whether it is the next one. Each node that reads it sees to it that the
/// others have it: until then sends to their users are refused as decided by another policy.
/// </para>
/// </remarks>
public sealed partial class SplitLedgerStore
{
    private static readonly TimeSpan PolicyPatience = TimeSpan.FromSeconds(1);

    /// <summary>The version of the policy that each server is known to have.</summary>
    private readonly long[] _policies = [.. Enumerable.Repeat(-1L, SplitPlaces.Step)];

    /// <inheritdoc/>
    public Task AppendAsync(GrainChange change, CancellationToken cancellationToken) =>
        Home.AppendAsync(change, new SplitMove(_servers, change.Business), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> AppendPolicyAsync(StoredPolicy policy, AuditEntry audit, CancellationToken cancellationToken)
    {
        if (!await Home.AppendPolicyAsync(policy, audit, cancellationToken))
        {
            return false;
        }

        try
        {
            await AllAsync(server => TakePolicyAsync(server, policy.Version, cancellationToken));
            return true;
        }
        catch (LedgerUnavailableException e)
        {
            // It is made, and binds on this server, but not yet on all.
            throw new UnknownOutcomeException(null, e);
        }
    }

    /// <inheritdoc/>
    public async Task<StoredPolicy?> ReadPolicyAsync(CancellationToken cancellationToken)
    {
        var policy = await Home.ReadPolicyAsync(cancellationToken);
        if (policy is not null)
        {
            await AllAsync(async server =>
            {
                try
                {
                    await SplitMove.WithinAsync(PolicyPatience, cancel => TakePolicyAsync(server, policy.Version, cancel), cancellationToken);
                }
                catch (LedgerUnavailableException away)
                {
                    // Its users wait for it, nobody else does.
                    LogPolicyBehind(_logger, away, policy.Version);
                }
            });
        }

        return policy;
    }

    private async Task TakePolicyAsync(PostgresLedgerStore server, uint version, CancellationToken cancellationToken)
    {
        var number = Array.IndexOf(_servers, server);
        if (number > 0 && Volatile.Read(ref _policies[number]) < version)
        {
            await server.RaiseEpochAsync(Fence.OfPolicy, version, cancellationToken);
            Volatile.Write(ref _policies[number], version);
        }
    }

    /// <summary>
    /// What no running node leaves behind, but the restore of single servers to different moments does: epochs that a server has forgotten, and places of a
    /// server below those that readers have read up to.
    /// </summary>
    private async Task MendAsync(NpgsqlConnection home, CancellationToken cancellationToken)
    {
        await using (var movers = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({PostgresLedgerStore.MoverLock}, n) FROM generate_series(0, 64) AS n", home))
        {
            await movers.ExecuteNonQueryAsync(cancellationToken);
        }

        var epochs = (await AllAsync(server => server.ReadEpochsAsync(cancellationToken)))
            .Select(all => all.ToDictionary(one => one.Business, one => one.Epoch)).ToList();

        // Read last: no server is ahead of it, then, but of a home server that was restored.
        var policy = (await Home.ReadFenceAsync(Fence.OfPolicy, cancellationToken)).Epoch;
        var highest = epochs.SelectMany(all => all).Where(one => one.Key != Fence.OfPolicy)
            .GroupBy(one => one.Key, one => one.Value).Select(group => (Business: group.Key, Epoch: group.Max()))
            .Append((Business: Fence.OfPolicy, Epoch: policy)).ToList();
        for (var number = _servers.Length - 1; number >= 0; number--)
        {
            var known = epochs[number];
            var behind = highest.Where(one => known.GetValueOrDefault(one.Business) < one.Epoch).ToList();
            var lost = number > 0 && known.GetValueOrDefault(Fence.OfPolicy) is var ahead && ahead > policy ? ahead : (long?)null;
            if (behind.Count == 0 && lost is null)
            {
                continue;
            }

            await _servers[number].AskAsync(
                async connection =>
                {
                    await PostgresLedgerStore.RaiseEpochsAsync(connection, behind, cancellationToken);
                    if (lost is { } version)
                    {
                        await PostgresLedgerStore.LowerPolicyAsync(connection, version, policy, cancellationToken);
                    }

                    return true;
                },
                cancellationToken);
            LogMended(_logger, number, behind.Count + (lost is null ? 0 : 1));
        }

        foreach (var log in Enum.GetValues<LedgerLog>())
        {
            await SplitHorizon.AlignAsync(_servers, log, cancellationToken);
        }
    }

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Version {Version} of the policy can't be told to a PostgreSQL server now")]
    private static partial void LogPolicyBehind(ILogger logger, Exception exception, uint version);

    [LoggerMessage(
        EventId = 5003, Level = LogLevel.Warning, Message = "PostgreSQL server {Number} differed from the others in {Count} epochs, and has theirs now")]
    private static partial void LogMended(ILogger logger, int number, int count);
}
