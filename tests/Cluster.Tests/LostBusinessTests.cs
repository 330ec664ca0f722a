using Actors.Api;
using Actors.Api.Graph.Messages;
using Actors.Api.Leases;
using Actors.Api.Sends;
using Actors.Cluster.Tests.Silos;
using Actors.Contracts;
using Actors.Policy.Businesses;
using Actors.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace Actors.Cluster.Tests;

/// <summary>The loss of a business's grain, or of a template's, for 15 s stops no sends, not even those that need places of its limit.</summary>
public sealed class LostBusinessTests(TestPostgres postgres) : IClassFixture<TestPostgres>
{
    private static readonly TimeSpan _renewedAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _lostFor = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _step = TimeSpan.FromSeconds(0.5);

    [Theory]
    [InlineData("business")]
    [InlineData("template")]
    public async Task The_loss_of_a_businesss_grain_for_15_s_stops_no_sends(string what)
    {
        var lost = default(LostState)!;
        await using var cluster = await SiloCluster.StartAsync(postgres.ConnectionString, 1, wrapState: inner => lost = new LostState(inner));
        var node = cluster.Any();
        var id = await Given.BusinessAsync(cluster, LimitTier.Second, "order");
        var users = new Queue<long>(await Given.UsersAsync(cluster, id, 500));

        // The edge of the node, with a clock of its own: so the loss can come at the worst moment, just before the lease was to be renewed.
        var time = new FakeTimeProvider();
        using var leases = new LeaseCache(node.Grains, node.Get<DeadNodes>(), time, NullLogger<LeaseCache>.Instance);
        using var quotas = new Quotas(node.Grains, node.Get<DeadNodes>(), TimeProvider.System);
        using var throughputs = new Throughputs(node.Grains, time, NullLogger<Throughputs>.Instance);
        var sender = new Sender(node.Get<UserGrains>(), leases, quotas, throughputs, node.Get<PolicyBook>(), node.Get<Trials>(), node.Get<DeadNodes>(), time);
        await AcceptedAsync();
        time.Advance(_renewedAfter - TimeSpan.FromTicks(1));
        await AcceptedAsync();

        lost.What = what;
        var (business, template) = (node.Grains.GetGrain<IBusinessGrain>(id), node.Grains.GetGrain<ITemplateGrain>(id, "order"));
        await cluster.ForgetAsync(what == "business" ? business : template);
        await Assert.ThrowsAsync<OutageException>(() => what == "business" ? business.LeaseAsync(null) : template.GetAsync());
        for (var past = TimeSpan.Zero; past < _lostFor; past += _step)
        {
            time.Advance(_step);
            for (var i = 0; i < 12; i++)
            {
                await AcceptedAsync();
            }
        }

        Assert.True(lost.Asked > 2, "no renewal was tried");
        lost.What = null;
        Assert.NotNull(await business.LeaseAsync(null));
        time.Advance(_lostFor);
        await AcceptedAsync();

        async Task AcceptedAsync()
        {
            var result = await sender.SendAsync(
                Given.Caller(id), Ids.PhoneNumber(id, 0), SendEdge.Messages, Given.Send(users.Dequeue(), "order"), null, dryRun: false);
            Assert.Equal((SendEnd.Replied, SendOutcome.Accepted), (result.End, result.Reply?.Outcome));
        }
    }

    /// <summary>The real storage of slow-changing grains, but one kind of them is away while a test wants it so.</summary>
    private sealed class LostState(IGrainStorage inner) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
    {
        private int _asked;

        public string? What { get; set; }

        /// <summary>How often it was asked in vain.</summary>
        public int Asked => Volatile.Read(ref _asked);

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            if (stateName == What)
            {
                Interlocked.Increment(ref _asked);
                throw new IOException("the test's storage is away");
            }

            return inner.ReadStateAsync(stateName, grainId, grainState);
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            inner.WriteStateAsync(stateName, grainId, grainState);

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            inner.ClearStateAsync(stateName, grainId, grainState);

        public void Participate(ISiloLifecycle observer) => ((ILifecycleParticipant<ISiloLifecycle>)inner).Participate(observer);
    }
}
