namespace Actors.Ledger.Tests.Conformance;

public abstract partial class LedgerStoreConformance
{
    [Fact]
    public async Task Without_a_policy_there_is_none() => Assert.Null(await Store.ReadPolicyAsync(Cancel));

    [Fact]
    public async Task Versions_of_the_policy_follow_one_another_and_stay()
    {
        Assert.False(await AppendAsync(1));
        Assert.True(await AppendAsync(0));
        Assert.False(await AppendAsync(0));
        Assert.False(await AppendAsync(2));
        Assert.True(await AppendAsync(1));
        await RestartAsync();
        Assert.True(await AppendAsync(2));

        Assert.Equal(Version(2), await Store.ReadPolicyAsync(Cancel));
        Assert.Equal([Version(0), Version(1), Version(2)], await Store.ReadPoliciesAsync(0, 100, Cancel));
        Assert.Equal([Version(1)], await Store.ReadPoliciesAsync(1, 1, Cancel));
        Assert.Equal(new BusinessFence(0, 0, 2), await Store.ReadFenceAsync(Given.Business, Cancel));
        Assert.Equal(["policy 0", "policy 1", "policy 2"], (await Store.ReadAuditAsync(0, 10, Cancel)).Select(line => line.Entry.Target));
    }

    [Fact]
    public async Task Of_several_who_make_the_same_version_one_does()
    {
        for (var version = 0u; version < 5; version++)
        {
            var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AppendAsync(version)));
            Assert.Equal(1, made.Count(one => one));
        }

        Assert.Equal(4u, (await Store.ReadPolicyAsync(Cancel))!.Version);
    }

    [Fact]
    public async Task A_commit_decided_by_another_version_of_the_policy_is_told_so_and_leaves_nothing_behind()
    {
        await AppendAsync(0);
        await AppendAsync(1);
        await Store.AppendAsync(Given.GrainChange(1, movesEpoch: true), Cancel);
        var (now, before) = (new Fence(Given.Business, 1), new Fence(Given.Business, 0));

        var outcomes = await Store.WriteAsync(
            [
                Given.Commit(1, 0, Given.Send(1), now) with { Policy = 1 },
                Given.Commit(2, 0, Given.Send(1), now) with { Policy = 0 },
                Given.Commit(3, 0, Given.Send(1), before) with { Policy = 1 },
                Given.Commit(4, 0, Given.Send(1), before) with { Policy = 0 },
                Given.Commit(5, 0, Given.Send(1)) with { Policy = 1 },
                Given.Commit(6, 0, Given.Send(1)) with { Policy = 2 },
                Given.Commit(7, 0, Given.Send(1)),
                Given.Commit(8, 7, Given.Send(1)) with { Policy = 1 },
            ],
            Cancel);

        Assert.Equal(
            [
                CommitOutcome.Committed,
                CommitOutcome.OldPolicy,
                CommitOutcome.Stale,
                CommitOutcome.OldPolicy,
                CommitOutcome.Committed,
                CommitOutcome.OldPolicy,
                CommitOutcome.Committed,
                CommitOutcome.Conflict,
            ],
            outcomes);
        Assert.Equal([1, 5, 7], (await Store.ReadUsersAsync([1, 2, 3, 4, 5, 6, 7, 8], Cancel)).Select(record => record.User).Order());
        Assert.Equal([1, 5, 7], (await EventsAsync(null, 3)).Select(line => line.User).Where(user => user != 0).Order());
    }

    [Fact]
    public async Task Nothing_decided_by_an_old_policy_is_committed_after_a_new_one_was_answered()
    {
        const int Versions = 20;
        await AppendAsync(0);
        var newest = 0u;
        var late = 0;
        var accepted = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Enumerable.Range(1, 4).Select(writer => Task.Run(() => SendAsync(writer), Cancel)).ToArray();

        for (var version = 1u; version <= Versions; version++)
        {
            var sofar = Volatile.Read(ref accepted);
            while (Volatile.Read(ref accepted) < sofar + 10)
            {
                await GoOnAsync(writers);
            }

            Assert.True(await AppendAsync(version));
            Volatile.Write(ref newest, version);
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(0, late);

        async Task SendAsync(int writer)
        {
            for (var first = writer * 1_000_000L; !stop.IsCancellationRequested; first += 100)
            {
                var users = Neighbours(first, 3);
                var known = Volatile.Read(ref newest);
                var outcomes = await Store.WriteAsync(
                    [
                        Given.Commit(users[0], 0, Given.Send(1), new Fence(Given.Business, 0)) with { Policy = known == 0 ? 99 : known - 1 },
                        Given.Commit(users[1], 0, Given.Send(1), new Fence(Given.Business, 0)) with { Policy = known },
                        Given.Commit(users[2], 0, Given.Send(1)) with { Policy = known },
                    ],
                    Cancel);
                Interlocked.Add(ref late, outcomes[0] == CommitOutcome.OldPolicy ? 0 : 1);
                Assert.Equal(outcomes[1], outcomes[2]);
                Interlocked.Add(ref accepted, outcomes[1] == CommitOutcome.Committed ? 1 : 0);
            }
        }
    }

    [Fact]
    public async Task The_shadow_is_the_one_that_was_set_last()
    {
        Assert.Null(await Store.ReadShadowAsync(Cancel));
        foreach (var values in new[] { "{\"a\":1}", "" })
        {
            await Store.WriteShadowAsync(
                new StoredShadow(Given.At(), "operator:ann", values), new AuditEntry(Given.At(), "operator:ann", "shadow_set", 0, "shadow", ""), Cancel);
            await RestartAsync();
            Assert.Equal(new StoredShadow(Given.At(), "operator:ann", values), await Store.ReadShadowAsync(Cancel));
        }

        Assert.Equal(2, (await Store.ReadAuditAsync(0, 10, Cancel)).Count);
    }

    private static StoredPolicy Version(uint version) =>
        new(version, Given.At(version), "operator:ann", "because ✓", version == 2 ? 0u : null, "{}", $$"""{"MarketingCap:PerDay":["{{version}}"]}""");

    private Task<bool> AppendAsync(uint version) => Store.AppendPolicyAsync(
        Version(version), new AuditEntry(Given.At(version), "operator:ann", "policy_changed", 0, $"policy {version}", ""), Cancel);
}
