using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using Orleans.Metadata;
using Orleans.Runtime.GrainDirectory;

namespace Actors.Grains;

/// <summary>
/// What Orleans asks for where a grain is active. Of users it is computed (<see cref="UserHomes"/>); all others are in the directory that is configured, behind
/// Orleans' own cache.
/// </summary>
/// <remarks>
/// Orleans asks its cache first, and that is asked on the way of each call: so this is a cache that knows every user. An activation that is no longer where its
/// user lives gets no calls any more, and ends when it has been idle for as long as any.
/// </remarks>
internal sealed class UserDirectory(
    IClusterMembershipService membership, ILocalSiloDetails silo, IServiceProvider services, IOptions<GrainDirectoryOptions> options)
    : IGrainDirectory, IGrainDirectoryResolver, IGrainDirectoryCache, ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    private static readonly GrainType _user = GrainType.Create(UserGrain.TypeName);

    private readonly IGrainDirectoryCache _others = GrainDirectoryCacheFactory.CreateGrainDirectoryCache(services, options.Value);

    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private readonly Lock _learning = new();

    private volatile Known _known = new(MembershipVersion.MinValue, [], null);

    /// <summary>Whether this silo has yet to get a part of its users.</summary>
    public bool IsJoining => Joins(silo.SiloAddress);

    /// <summary>The same of any silo, as this one sees it.</summary>
    public bool Joins(SiloAddress other) => Newest.Homes?.IsJoining(other, Now) ?? false;

    private Known Newest => membership.CurrentSnapshot is var snapshot && _known is var known && known.Version == snapshot.Version ? known : Learn(snapshot);

    private TimeSpan Now => TimeProvider.System.GetElapsedTime(_startedAt);

    public IEnumerable<(GrainAddress ActivationAddress, int Version)> KeyValues => _others.KeyValues;

    public bool TryResolveGrainDirectory(GrainType grainType, GrainProperties? properties, [NotNullWhen(true)] out IGrainDirectory? grainDirectory)
    {
        grainDirectory = grainType == _user ? this : null;
        return grainDirectory is not null;
    }

    public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(HomeOf(grainId));

    public ValueTask DisposeAsync() => _others is IAsyncDisposable others ? others.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Whoever is active stays so; the next calls go where the user lives.</summary>
    public Task<GrainAddress?> Register(GrainAddress address) => Task.FromResult<GrainAddress?>(address);

    public Task Unregister(GrainAddress address) => Task.CompletedTask;

    public Task UnregisterSilos(List<SiloAddress> siloAddresses) => Task.CompletedTask;

    public bool LookUp(GrainId key, [NotNullWhen(true)] out GrainAddress? result, out int version)
    {
        if (key.Type != _user)
        {
            return _others.LookUp(key, out result, out version);
        }

        version = 0;
        result = HomeOf(key);
        return result is not null;
    }

    public void AddOrUpdate(GrainAddress value, int version)
    {
        if (value.GrainId.Type != _user)
        {
            _others.AddOrUpdate(value, version);
        }
    }

    public bool Remove(GrainId key) => key.Type != _user && _others.Remove(key);

    public bool Remove(GrainAddress key) => key.GrainId.Type != _user && _others.Remove(key);

    public void Clear() => _others.Clear();

    /// <summary>Each silo sees at once who joins, whether it has calls for them or not: so all move the same users there at about the same time.</summary>
    public void Participate(ISiloLifecycle lifecycle)
    {
        var (watching, stopping) = (Task.CompletedTask, new CancellationTokenSource());
        lifecycle.Subscribe(
            nameof(UserDirectory),
            ServiceLifecycleStage.RuntimeGrainServices,
            _ =>
            {
                watching = WatchAsync(stopping.Token);
                return Task.CompletedTask;
            },
            async _ =>
            {
                await stopping.CancelAsync();
                await watching;
                stopping.Dispose();
            });
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stopping))
            {
                Learn(snapshot);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    /// <summary>Null as long as no silo takes calls, as where this one is the first and has yet to start.</summary>
    private GrainAddress? HomeOf(GrainId user)
    {
        var known = Newest;
        return known.Homes is { } homes
            ? new GrainAddress { GrainId = user, SiloAddress = homes.Of(user, Now), MembershipVersion = known.Version }
            : null;
    }

    private Known Learn(ClusterMembershipSnapshot snapshot)
    {
        lock (_learning)
        {
            if (_known.Version >= snapshot.Version)
            {
                return _known;
            }

            var active = snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).ToHashSet();
            if (active.SetEquals(_known.Members.Keys))
            {
                return _known = _known with { Version = snapshot.Version };
            }

            var members = active.ToDictionary(one => one, one => new UserHomes.Member(one, SinceOf(one, active)));
            return _known = new Known(snapshot.Version, members, members.Count > 0 ? UserHomes.In(members.Values, Now) : null);
        }
    }

    /// <summary>Since when a silo has taken calls. Of those that did before this one nobody has said it; their generations say when they started.</summary>
    private TimeSpan SinceOf(SiloAddress one, HashSet<SiloAddress> active)
    {
        var isNew = !_known.Members.ContainsKey(silo.SiloAddress);
        return isNew && active.Contains(silo.SiloAddress) ? Now - TimeSpan.FromSeconds(Math.Max(0, silo.SiloAddress.Generation - one.Generation))
            : _known.Members.TryGetValue(one, out var known) ? known.Since
            : isNew ? UserHomes.Member.LongAgo
            : Now;
    }

    private sealed record Known(MembershipVersion Version, Dictionary<SiloAddress, UserHomes.Member> Members, UserHomes? Homes);
}
