using System.Collections.Concurrent;
using System.Net;
using Actors.Grains.Webhooks;

namespace Actors.Grains.Tests.Webhooks;

/// <summary>Look-ups of names that hang outlive whoever asked: they are bounded, and who asks for other names doesn't wait for them.</summary>
public sealed class NameLookupsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource<IPAddress[]> _answer = new();
    private readonly ConcurrentBag<string> _asked = [];
    private readonly NameLookups _names;

    public NameLookupsTests() => _names = new NameLookups(host =>
    {
        _asked.Add(host);
        return host.EndsWith(".dead", StringComparison.OrdinalIgnoreCase) ? _answer.Task : Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
    });

    [Fact]
    public async Task One_business_takes_its_part_and_no_more_however_often_its_names_are_asked_for()
    {
        for (var round = 0; round < 3; round++)
        {
            await NobodyAnswersAsync(Enumerable.Range(0, 5).Select(n => (1, true, $"slow-{n}.dead")));
        }

        Assert.Equal(2, _asked.Count);
        await FindAsync(1, false, "quick.example");
        await NobodyAnswersAsync(Enumerable.Range(0, 5).Select(n => (1, false, $"new-{n}.dead")));
        Assert.Equal(4, _asked.Count(host => host.EndsWith(".dead", StringComparison.Ordinal)));
        await FindAsync(2, true, "other.example");
    }

    [Fact]
    public async Task At_most_sixteen_are_looked_up_and_a_place_is_free_only_when_a_look_up_has_truly_ended()
    {
        await NobodyAnswersAsync(Enumerable.Range(0, 40).Select(n => (n % 10, true, $"slow-{n}.dead")));
        Assert.Equal(8, _asked.Count);
        await FindAsync(1, false, "quick.example");
        await NobodyAnswersAsync(Enumerable.Range(0, 40).Select(n => (n % 10, false, $"new-{n}.dead")));
        Assert.Equal(16, _asked.Count(host => host.EndsWith(".dead", StringComparison.Ordinal)));
        await NobodyAnswersAsync([(20, false, "quick.example")]);
        _answer.SetException(new System.Net.Sockets.SocketException(11_001));
        await FindAsync(20, false, "quick.example");
    }

    [Fact]
    public async Task A_name_is_looked_up_once_at_a_time_for_all_who_ask_and_anew_for_who_comes_later()
    {
        await NobodyAnswersAsync([(1, false, "shop.dead")]);
        Task<IPAddress[]>[] asks = [.. Enumerable.Range(2, 20).Select(business => FindAsync(business, true, "Shop.dead"))];
        _answer.SetResult([IPAddress.Loopback]);
        Assert.All(await Task.WhenAll(asks), found => Assert.Equal([IPAddress.Loopback], found));
        Assert.Single(_asked);
        await FindAsync(1, false, "shop.dead");
        Assert.Equal(2, _asked.Count);
    }

    private Task<IPAddress[]> FindAsync(long business, bool isSuspect, string host) =>
        _names.FindAsync(host, new LookupAsker(business, isSuspect), TestContext.Current.CancellationToken);

    private Task NobodyAnswersAsync(IEnumerable<(int Business, bool IsSuspect, string Host)> asks) => Task.WhenAll(asks.Select(async ask =>
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _names.FindAsync(ask.Host, new LookupAsker(ask.Business, ask.IsSuspect), patience.Token));
    }));
}
