using System.Reflection;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Actors.Grains.Tests;

/// <summary>Which grains a cluster may move from a silo to another one by itself: who has nothing in memory that isn't stored.</summary>
public sealed class MovableGrainsTests
{
    private static readonly string[] _movable = ["BlockListGrain", "EnrolmentGrain", "ShadowGrain", "UserGrain"];

    [Fact]
    public void Users_move_and_who_knows_something_in_memory_stays()
    {
        var grains = typeof(UserGrain).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type)).ToList();
        Assert.True(grains.Count > 10);
        var moving = grains.Where(grain => grain.GetCustomAttribute<StatelessWorkerAttribute>() is null
            && grain.GetCustomAttribute<ImmovableAttribute>()?.Kind.HasFlag(ImmovableKind.Rebalancer) != true);
        Assert.Equal(_movable, moving.Select(grain => grain.Name).Order(StringComparer.Ordinal));
    }
}
