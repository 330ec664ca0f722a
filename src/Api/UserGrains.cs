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

    public UserGrains(IGrainFactory grains)
    {
        _grains = grains;
        _any = new(() => (GrainReference)grains.GetGrain<IUserGrain>(0));
    }

    /// <summary>A user's grain.</summary>
    public IUserGrain this[long user] => (IUserGrain)_grains.GetGrain(
        GrainId.Create(_any.Value.GrainId.Type, GrainIdKeyExtensions.CreateIntegerKey(user)), _any.Value.InterfaceType);
}
