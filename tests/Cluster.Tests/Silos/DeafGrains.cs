using System.Reflection;
using Actors.Contracts;

namespace Actors.Cluster.Tests.Silos;

/// <summary>
/// A node's way to the grains on which the notice that a lease no longer holds is lost, as it may be in a network. Then only the fence is left.
/// </summary>
/// <remarks>Public, as a proxy's type must be.</remarks>
public class DeafGrains : DispatchProxy
{
    private static readonly ILeaseHolder _nobody = new Nobody();   // kept, since references to observers are weak
    private IGrainFactory _inner = null!;

    public static IGrainFactory Around(IGrainFactory inner)
    {
        var grains = Create<IGrainFactory, DeafGrains>();
        ((DeafGrains)(object)grains)._inner = inner;
        return grains;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Name == nameof(IGrainFactory.CreateObjectReference) && targetMethod.GetGenericArguments() is [var type] && type == typeof(ILeaseHolder)
            ? _inner.CreateObjectReference<ILeaseHolder>(_nobody)
            : targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);

    private sealed class Nobody : ILeaseHolder
    {
        public Task DropAsync(long business) => Task.CompletedTask;
    }
}
