using System.Reflection;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Actors.Grains.Tests;

/// <summary>
/// Which grains a silo of the version before may move to another one by itself, while it runs beside this one's: who has nothing in memory that isn't stored,
/// and no home that is computed.
/// </summary>
public sealed class MovableGrainsTests
{
    private static readonly string[] _movable = ["BlockListGrain", "EnrolmentGrain", "ShadowGrain"];

    [Fact]
    public void Who_knows_something_in_memory_or_lives_where_it_is_computed_stays()
    {
        var grains = typeof(UserGrain).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type)).ToList();
        Assert.True(grains.Count > 10);
        var moving = grains.Where(grain => grain.GetCustomAttribute<StatelessWorkerAttribute>() is null
            && grain.GetCustomAttribute<ImmovableAttribute>()?.Kind.HasFlag(ImmovableKind.Rebalancer) != true);
        Assert.Equal(_movable, moving.Select(grain => grain.Name).Order(StringComparer.Ordinal));
    }
}
