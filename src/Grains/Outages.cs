using Actors.Contracts;
using Actors.Ledger;

namespace Actors.Grains;

/// <summary>Turns what the storage can't do into the one exception that callers know.</summary>
internal static class Outages
{
    public static OutageException Of(CommitOutcome outcome) => outcome switch
    {
        CommitOutcome.Overloaded => new OutageException(OutageKind.Overloaded, "Too much waits; nothing was done."),
        CommitOutcome.Unknown => new OutageException(OutageKind.Unknown, "It can't be known now whether it was done."),
        CommitOutcome.Unavailable or CommitOutcome.Conflict or CommitOutcome.Stale or CommitOutcome.OldPolicy => Unavailable(),
        CommitOutcome.Committed => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "not a failure"),
    };

    public static OutageException Unavailable() => new(OutageKind.Unavailable, "The storage is away or the clock can't be trusted; nothing was done.");

    public static async Task<T> AsOutageAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (LedgerUnavailableException)
        {
            throw Unavailable();
        }
    }
}
