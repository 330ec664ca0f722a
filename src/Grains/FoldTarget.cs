using System.Collections.Immutable;
using Actors.Contracts;

namespace Actors.Grains;

/// <summary>Who takes events.</summary>
/// <param name="Business">The business.</param>
/// <param name="Template">The name of its template; null for the business itself.</param>
/// <param name="IsLimit">Whether it is the business's messaging limit.</param>
internal readonly record struct FoldTarget(long Business, string? Template, bool IsLimit = false);

/// <summary>Events on their way to one grain, in ledger order: those being handed over, and those that wait for them.</summary>
internal sealed class FoldBox
{
    private readonly List<EventLine> _waiting = [];
    private ImmutableArray<EventLine> _handing = [];

    /// <summary>The oldest that the grain may not have; null when it has all.</summary>
    public EventLine? Oldest => !_handing.IsEmpty ? _handing[0] : _waiting.Count > 0 ? _waiting[0] : null;

    /// <summary>Ends when nothing is left.</summary>
    public Task Emptying { get; set; } = Task.CompletedTask;

    public void Add(EventLine line) => _waiting.Add(line);

    /// <summary>What is to be handed over next; empty when nothing waits.</summary>
    public ImmutableArray<EventLine> Take()
    {
        _handing = [.. _waiting];
        _waiting.Clear();
        return _handing;
    }

    /// <summary>The grain has what was taken.</summary>
    public void Handed() => _handing = [];
}
