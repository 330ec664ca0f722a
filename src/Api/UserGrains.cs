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

    public UserGrains(IGrainFactory grains, DeadNodes deadNodes)
    {
        (_grains, _deadNodes) = (grains, deadNodes);
        _any = new(() => (GrainReference)grains.GetGrain<IUserGrain>(0));
    }

    /// <summary>A user's grain.</summary>
    public IUserGrain this[long user] => (IUserGrain)_grains.GetGrain(
        GrainId.Create(_any.Value.GrainId.Type, GrainIdKeyExtensions.CreateIntegerKey(user)), _any.Value.InterfaceType);

    /// <summary>Reads, or says something of a user that said twice, at any time, is as said once; again where a node died under it.</summary>
    public Task<T> IdempotentAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.IdempotentAsync(() => call(this[user]));

    /// <summary>Says something of a user that another word takes back.</summary>
    public Task<T> WordAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.WordAsync(() => call(this[user]));

    /// <summary>Says something of a user that said twice would count twice.</summary>
    public Task<T> OnceAsync<T>(long user, Func<IUserGrain, Task<T>> call) => _deadNodes.OnceAsync(() => call(this[user]));
}
