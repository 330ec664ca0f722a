using Actors.Api.Hosting;
using Actors.Contracts;

namespace Actors.Api;

/// <summary>
/// References to users. The typed <c>GetGrain</c> finds the interface's name by reflection, each time anew, which costs a twentieth of a send: here it is
/// found once.
/// </summary>
internal sealed class UserGrains
{
    private readonly IGrainFactory _grains;
    private readonly Lazy<GrainReference> _any;

    private readonly DeadNodes _deadNodes;
    private readonly ClusterTime _time;

    public UserGrains(IGrainFactory grains, DeadNodes deadNodes, ClusterTime time)
    {
        (_grains, _deadNodes, _time) = (grains, deadNodes, time);
        _any = new(() => (GrainReference)grains.GetGrain<IUserGrain>(0));
    }

    /// <summary>A user's grain.</summary>
    public IUserGrain this[long user] => (IUserGrain)_grains.GetGrain(
        GrainId.Create(_any.Value.GrainId.Type, GrainIdKeyExtensions.CreateIntegerKey(user)), _any.Value.InterfaceType);

    /// <summary>Says something of a user that said twice, at any time, is as said once; says it again where a node died under it.</summary>
    public Task<T> IdempotentAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.IdempotentAsync(() => call(this[user]));

    /// <summary>Says something that is known by its key when it is said again; a word all the same, with others before and behind it.</summary>
    public Task<T> KeyedAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.IdempotentAsync(() => Say(user, call));

    /// <summary>Reads for a request that is repeated as a whole.</summary>
    public Task<T> ReadAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.ReadAsync(() => call(this[user]));

    /// <summary>Says something of a user that another word takes back; says it again where a node died under it.</summary>
    public Task<T> WordAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.WordAsync(() => Say(user, call));

    /// <summary>Says something of a user that said twice would count twice.</summary>
    public Task<T> OnceAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.OnceAsync(() => Say(user, call));

    /// <summary>A word is taken up soon or not at all, each time that it is said.</summary>
    private Task<T> Say<T>(long user, Func<IUserGrain, Task<T>> call)
    {
        if (_time.Now is { } now)
        {
            SaidAt.Set(now);
        }

        return call(this[user]);
    }
}
