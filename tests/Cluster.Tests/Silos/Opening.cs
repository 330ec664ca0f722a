using Actors.Api.Graph.Messages;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Ledger;
using Actors.Policy.Sends;

namespace Actors.Cluster.Tests.Silos;

/// <summary>Opens conversations of one business over all nodes at once, by the way that a send goes in the product.</summary>
internal sealed class Opening(SiloCluster cluster, long business, string template)
{
    private int _tokenEpoch;
    private int _answered;
    private int _outages;

    public long Business => business;

    /// <summary>Sends that were accepted or refused for good.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Sends of which nobody knew what became of them, or that weren't decided.</summary>
    public int Outages => Volatile.Read(ref _outages);

    /// <summary>Sends to each user once, again as long as nobody knows what became of it, from so many senders on random nodes.</summary>
    public async Task SendAsync(long[] users, int senders)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, senders).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var i && i < users.Length)
            {
                while (!await IsAnsweredAsync(users[i]))
                {
                    Interlocked.Increment(ref _outages);
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
                }

                Interlocked.Increment(ref _answered);
            }
        })));
    }

    /// <summary>Sends free text, to users whose window is open, until it is told to stop: it needs no place, but may hold one.</summary>
    public async Task ChatAsync(long[] users, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await TryAsync(Given.Send(users[Random.Shared.Next(users.Length)]), null);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Ends all tokens: the epoch moves, and all places that are lent are void.</summary>
    public async Task RevokeAsync() => Volatile.Write(
        ref _tokenEpoch, (await cluster.DoAsync(grains => grains.GetGrain<IBusinessGrain>(business).RevokeTokensAsync(Given.Ann)))!.Value);

    /// <summary>What opened each conversation, by the ledger, in time order.</summary>
    public async Task<LedgerEvent[]> OpenedAsync()
    {
        var store = cluster.Any().Ledger.Store;
        var horizon = await store.ReadHorizonAsync(CancellationToken.None);
        var (opened, after) = (new List<LedgerEvent>(), 0L);
        while (await store.ReadEventsAsync(business, after, horizon, 4_096, CancellationToken.None) is { Count: > 0 } page)
        {
            opened.AddRange(page.Where(line => line.Event.Opened));
            after = page[^1].Seq;
        }

        Assert.Equal(opened.Count, opened.DistinctBy(line => (line.User, line.Event.At)).Count());
        return [.. opened.OrderBy(line => line.Event.At)];
    }

    /// <summary>The most conversations that were opened in any 24 hours.</summary>
    public static int MostInADay(LedgerEvent[] opened)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < opened.Length; last++)
        {
            while (opened[first].Event.At <= opened[last].Event.At - TimeSpan.FromHours(24))
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }

    private async Task<bool> IsAnsweredAsync(long user)
    {
        if (await TryAsync(Given.Send(user, template), (ulong)user) is not { } result || result.End == SendEnd.TokenRevoked)
        {
            return false;
        }

        // A killed node's share of the throughput is won back after some seconds; until then a node that has none asks its callers to come again.
        if (result is { End: SendEnd.RefusedHere, Reason: Reason.Throughput })
        {
            return false;
        }

        // The epoch moved under it again and again: a caller hears 503, and comes again.
        if (result.End == SendEnd.LeaseUnsettled)
        {
            return false;
        }

        Assert.True(result.Reply is not null, $"ended as {result.End} {result.Reason}");
        var outcome = result.Reply.Outcome;
        if (outcome == SendOutcome.Refused)
        {
            Assert.Equal(Reason.MessagingLimit, result.Reason);
        }

        return outcome is SendOutcome.Accepted or SendOutcome.Replayed or SendOutcome.Refused;
    }

    /// <summary>One send through some node; null where it died, or couldn't.</summary>
    private async Task<SendResult?> TryAsync(ParsedSend send, ulong? key)
    {
        try
        {
            var caller = Given.Caller(business, Volatile.Read(ref _tokenEpoch));
            return await cluster.Any().Sender.SendAsync(caller, Ids.PhoneNumber(business, 0), SendEdge.Messages, send, key, dryRun: false).AsTask()
                .WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        }
        catch (Exception e) when (SiloCluster.IsOutage(e))
        {
            return null;
        }
    }
}
