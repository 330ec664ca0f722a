using Actors.Ledger;
using Actors.Policy.Users;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// Notes when messages are due that live otherwise than most: reads the log in its order, and writes each down before its own durable place moves. What a crash
/// repeats is written over itself.
/// </summary>
/// <param name="ledger">What is read, and where the notes are.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class ExpiryNotes(UserLedger ledger, FoldMetrics metrics, ILogger logger)
{
    /// <summary>By this name the durable place is found.</summary>
    public const string Reader = "expiry/notes";

    private const int PageMax = 4_096;

    // The shortest life is 30 seconds: there is no hurry, and few large writes are cheaper than many small ones.
    private static readonly TimeSpan RoundGap = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SaveGap = TimeSpan.FromSeconds(1);

    public Task RunAsync(CancellationToken stopping) => Rounds.RepeatAsync(TimeSpan.Zero, Retry, FollowAsync, Failed, stopping);

    private async Task FollowAsync(CancellationToken stopping)
    {
        var saved = await ledger.Store.ReadPositionAsync(Reader, stopping);
        var (place, savedAt) = (saved, TimeProvider.System.GetTimestamp());
        while (true)
        {
            var page = await ledger.ReadEventsAsync(null, place, PageMax, stopping);
            if (page.Earliest is { } earliest)
            {
                // What retention has dropped unread has lost its messages, too.
                place = earliest;
                continue;
            }

            await NoteAsync(page.Events, stopping);
            place = page.Next;
            if (place > saved && TimeProvider.System.GetElapsedTime(savedAt) >= SaveGap)
            {
                await ledger.Store.WritePositionAsync(Reader, place, stopping);
                (saved, savedAt) = (place, TimeProvider.System.GetTimestamp());
            }

            if (page.Events.Count < PageMax)
            {
                await Task.Delay(RoundGap, TimeProvider.System, stopping);
                await ledger.WaitForEventsAsync(place, stopping);
            }
        }
    }

    private async Task NoteAsync(IReadOnlyList<LedgerEvent> events, CancellationToken stopping)
    {
        var notes = new List<Expiry>();
        foreach (var line in events)
        {
            if (line.Event is { Kind: EventKind.Accepted, Life: { } life })
            {
                notes.Add(new Expiry(line.Event.At + life, line.User, line.Event.Message));
            }
        }

        if (notes.Count > 0)
        {
            await ledger.Store.WriteExpiriesAsync(notes, stopping);
        }
    }

    private void Failed(Exception exception)
    {
        metrics.Failed("expiry_notes");
        LogFailed(logger, exception);
    }

    [LoggerMessage(EventId = 2171, Level = LogLevel.Warning, Message = "When messages are due can't be noted now")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
