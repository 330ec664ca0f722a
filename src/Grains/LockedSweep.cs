using Actors.Ledger;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>Has what a locked business sent and no device has got fail: nobody is to get it any more.</summary>
/// <remarks>
/// <para>
/// Found by the business's events, page by page. Its durable place in the log moves behind a page once all of it has failed: what a crash leaves undone is done
/// again, and a message that has ended stays as it ended. The place holds for the next lock, too: what stands before it had been delivered or failed.
/// </para>
/// <para>
/// Looks up to the horizon as it was before the business said that it is locked. So nothing that it sends after an unlock can be meant. What was accepted
/// between the two comes with the next round; where it is unlocked before that, it is spared.
/// </para>
/// </remarks>
/// <param name="store">Where the directory and the events are.</param>
/// <param name="isLocked">Whether a business is locked now, by its own word.</param>
/// <param name="fail">Has a message of a user fail, unless it was delivered or ended.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class LockedSweep(
    ILedgerStore store, Func<long, Task<bool>> isLocked, Func<long, long, Task> fail, FoldMetrics metrics, ILogger logger)
{
    private const int DirectoryMax = 500, PageMax = 1_000, AtOnce = 16;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A business that is done is looked at in one of so many rounds: only where it was unlocked, sent and was locked again between two of them is there
    /// anything to do.
    /// </summary>
    private const int DoneRounds = 60;

    /// <summary>Businesses that are done, and as of which version of theirs: each lock and unlock moves it.</summary>
    private readonly Dictionary<long, long> _done = [];

    private long _round;

    /// <summary>By this name the durable place of a business is found.</summary>
    public static string Reader(long business) => $"locked/{business}";

    public Task RunAsync(CancellationToken stopping) => Rounds.RepeatAsync(Period, Period, OnceAsync, Failed, stopping);

    /// <summary>Does it once for each business that is locked.</summary>
    public async Task OnceAsync(CancellationToken stopping)
    {
        _round++;
        var listed = new HashSet<long>();
        var query = new DirectoryQuery(DirectoryKind.Business, null, "LOCKED", null, null, 0, DirectoryMax);
        await foreach (var entry in store.ReadWholeDirectoryAsync(query, stopping))
        {
            listed.Add(entry.Business);
            try
            {
                await OnceAsync(entry.Business, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // One that can't be done now is gone on with the next time, and holds up no other.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Failed(exception);
            }
        }

        // Who isn't locked any more is done anew with the next lock.
        foreach (var unlocked in _done.Keys.Where(business => !listed.Contains(business)).ToList())
        {
            _done.Remove(unlocked);
        }
    }

    private async Task OnceAsync(long business, CancellationToken stopping)
    {
        var isDone = _done.TryGetValue(business, out var done);
        if (isDone && (business + _round) % DoneRounds != 0)
        {
            return;
        }

        var version = (await store.ReadFenceAsync(business, stopping)).Version;
        if (isDone && done == version)
        {
            return;
        }

        var upTo = await store.ReadHorizonAsync(stopping);
        if (!await isLocked(business))
        {
            return;
        }

        var place = await store.ReadPositionAsync(Reader(business), stopping);
        while (place < upTo)
        {
            stopping.ThrowIfCancellationRequested();
            var page = await store.ReadUndeliveredAsync(business, place, upTo, PageMax, stopping);
            foreach (var some in page.Messages.Chunk(AtOnce))
            {
                await Task.WhenAll(some.Select(message => fail(message.User, message.Number)));
            }

            await store.WritePositionAsync(Reader(business), page.Next, stopping);
            place = page.Next;
        }

        _done[business] = version;
    }

    private void Failed(Exception exception)
    {
        metrics.Failed("locked");
        LogFailed(logger, exception);
    }

    [LoggerMessage(EventId = 2131, Level = LogLevel.Warning, Message = "What a locked business sent can't be failed now")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
