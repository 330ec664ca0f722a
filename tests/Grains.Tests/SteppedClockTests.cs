using Actors.Contracts;
using Actors.Grains.Tests.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Actors.Grains.Tests;

/// <summary>A silo whose wall clock is set an hour ahead, and then back.</summary>
public sealed class SteppedClockTests : IAsyncLifetime
{
    private static readonly TimeSpan _quantum = TimeSpan.FromSeconds(1);

    private readonly SqliteDatabase _database = new();
    private readonly Clock _clock = new();
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ServiceId = "actors";
        builder.ConfigureHost(host => host.Logging.ClearProviders());
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(_clock);
            silo.AddActorsGrains(_database.Settings);
            silo.Configure<GrainCollectionOptions>(o => o.CollectionQuantum = _quantum);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Serves_users_that_are_not_in_memory_afterwards()
    {
        await ViewAsync();
        _clock.Ahead = TimeSpan.FromHours(1);
        await Task.Delay(4 * _quantum, TimeProvider.System, TestContext.Current.CancellationToken);   // what is idle is looked for meanwhile
        await ViewAsync();
        _clock.Ahead = TimeSpan.Zero;
        await ViewAsync();
    }

    private async Task ViewAsync() => Assert.Equal(0, (await _cluster.Client.GetGrain<IUserGrain>(Given.NewUser()).ViewAsync()).Version);

    private sealed class Clock : TimeProvider
    {
        private long _ahead;

        public TimeSpan Ahead { set => Volatile.Write(ref _ahead, value.Ticks); }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + new TimeSpan(Volatile.Read(ref _ahead));
    }
}
