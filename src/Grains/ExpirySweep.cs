using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>Lets messages expire whose time is over and that nobody was delivered.</summary>
/// <remarks>
/// <para>
/// Most messages live for 30 days: they are found by walking the log so far behind, with a durable place that moves behind what has expired. The others stand
/// in the table of due times (<see cref="ExpiryNotes"/>), and leave it once they are settled. What a crash or a second sweep repeats finds nothing left to do.
/// </para>
/// <para>
/// One that can't expire now, for whatever reason, is noted for a little later, and holds up no other. Whether it is due, its user decides.
/// </para>
/// </remarks>
/// <param name="store">Where the log and the due times are.</param>
/// <param name="clock">The ledger's time; null while it can't be trusted.</param>
/// <param name="expire">Has a message of a user expire; false where that isn't due by the user's own reading of the clock.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class ExpirySweep(
    ILedgerStore store, Func<Instant?> clock, Func<long, long, Task<bool>> expire, FoldMetrics metrics, ILogger logger)
{
    /// <summary>By this name the durable place of the walk is found.</summary>
    public const string Reader = "expiry/sends";

    private const int PageMax = 1_000, AtOnce = 32;

    // A machine's matter: how often is looked. How late a message may expire is mostly this.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2);

    /// <summary>When what stands behind the walk's place happened: until that is 30 days ago there is nothing to walk to. Null where it isn't known.</summary>
    private Instant? _younger;

    public Task RunAsync(CancellationToken stopping) => Rounds.RepeatAsync(Period, Period, OnceAsync, Failed, stopping);

    /// <summary>Lets everything expire that is due now.</summary>
    public async Task OnceAsync(CancellationToken stopping)
    {
        if (clock() is { } now)
        {
            await SweepNotedAsync(now, stopping);
            await WalkAsync(now, stopping);
        }
    }

    private async Task SweepNotedAsync(Instant now, CancellationToken stopping)
    {
        while (true)
        {
            var due = await store.ReadExpiriesAsync(now, PageMax, stopping);
            await ExpireAsync(due.Where(one => one.Waits).Select(one => one.Noted), now, stopping);
            if (due.Count > 0)
            {
                await store.DropExpiriesAsync([.. due.Select(one => one.Noted)], stopping);
            }

            if (due.Count < PageMax)
            {
                return;
            }
        }
    }

    private async Task WalkAsync(Instant now, CancellationToken stopping)
    {
        var before = now - MessageLife.Standard;
        if (_younger > before)
        {
            return;
        }

        var upTo = await store.ReadHorizonAsync(stopping);
        var place = Math.Max(await store.ReadPositionAsync(Reader, stopping), await store.ReadEarliestAsync(stopping));
        _younger = null;
        while (place < upTo && _younger is null)
        {
            var found = await store.ReadOldSendsAsync(place, upTo, before, PageMax, stopping);
            if (found.Ahead.Count > 0)
            {
                await store.WriteExpiriesAsync(found.Ahead, stopping);
            }

            await ExpireAsync(found.Due, now, stopping);
            if (found.Next > place)
            {
                await store.WritePositionAsync(Reader, found.Next, stopping);
            }

            (place, _younger) = (found.Next, found.YoungerAt);
        }
    }

    /// <summary>Afterwards each of these doesn't wait any more, or is noted for a little later.</summary>
    private async Task ExpireAsync(IEnumerable<Expiry> messages, Instant now, CancellationToken stopping)
    {
        foreach (var some in messages.Chunk(AtOnce))
        {
            stopping.ThrowIfCancellationRequested();
            var settled = await Task.WhenAll(some.Select(TryAsync));
            Expiry[] later = [.. some.Where((_, i) => !settled[i]).Select(one => one with { DueAt = now + Later })];
            if (later.Length > 0)
            {
                await store.WriteExpiriesAsync(later, stopping);
            }
        }
    }

    private async Task<bool> TryAsync(Expiry message)
    {
        try
        {
            return await expire(message.User, message.Number);
        }
#pragma warning disable CA1031 // One that can't expire now is tried again, and holds up no other.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failed(exception);
            return false;
        }
    }

    private void Failed(Exception exception)
    {
        metrics.Failed("expiry");
        LogFailed(logger, exception);
    }

    [LoggerMessage(EventId = 2151, Level = LogLevel.Warning, Message = "Messages that are due can't expire now")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
