using System.Data.Common;
using Actors.Ledger;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.Extensions.Logging;

namespace Actors.Grains;

/// <summary>
/// What an erasure leaves for later: the person's events are rewritten to a pseudonym by one walk over the log for all who were erased meanwhile, and once the
/// marketing cap doesn't need it any more, the tombstone goes.
/// </summary>
/// <remarks>
/// The events wait <see cref="Erasure.Settle"/>, so that readers of the log hear of the messages that failed with the erasure: a reader that comes later
/// finds a pseudonym, and nobody to tell of.
/// </remarks>
/// <param name="ledger">What is swept.</param>
/// <param name="unlist">Takes a user off a business's own block list.</param>
/// <param name="schema">The tables of the slow-changing grains, where block lists and the codes of enrolment are.</param>
/// <param name="logger">What is told.</param>
internal sealed partial class ErasureSweep(UserLedger ledger, Func<long, long, Task> unlist, GrainSchema schema, ILogger logger)
{
    private const int OverwriteAttempts = 20;

    /// <summary>Does it a while after the start, and again a while after each time.</summary>
    public Task RunAsync(TimeSpan first, TimeSpan period, CancellationToken stopping) =>
        Rounds.RepeatAsync(first, period, OnceAsync, exception => LogFailed(logger, exception), stopping);

    /// <summary>Does it once for all who were erased so long ago.</summary>
    public async Task OnceAsync(CancellationToken stopping)
    {
        // A clock that may have jumped must not take away what still counts.
        if (ledger.Clock.IsTrusted)
        {
            await OnceAsync(ledger.Clock.Now, stopping);
        }
    }

    /// <summary>Does it once as of an instant.</summary>
    public async Task OnceAsync(Instant now, CancellationToken stopping)
    {
        await UnlistAsync(now - Erasure.Settle, stopping);
        await ledger.Store.RewriteErasedAsync(now - Erasure.Settle, stopping);
        await ledger.Store.ForgetErasedAsync(now - Erasure.TombstoneLife, stopping);
        await schema.ForgetEnrolmentsAsync(now, stopping);
    }

    /// <summary>Takes those who were erased off block lists. A list that can't be changed now keeps its own people waiting, and nobody else.</summary>
    private async Task UnlistAsync(Instant before, CancellationToken stopping)
    {
        var unlisted = new List<(StoredErasure Erased, List<long> Left)>();
        foreach (var erased in await ledger.Store.ReadErasuresAsync(before, stopping))
        {
            var left = new List<long>();
            foreach (var business in erased.BlockLists)
            {
                try
                {
                    await unlist(business, erased.User);
                }
                catch (OperationCanceledException) when (stopping.IsCancellationRequested)
                {
                    throw;
                }
#pragma warning disable CA1031 // Whatever it was: the next round tries it again.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    left.Add(business);
                    LogListed(logger, exception, business);
                }
            }

            if (left.Count < erased.BlockLists.Count)
            {
                unlisted.Add((erased, left));
            }
        }

        // They are off a list once the file doesn't hold it any more as it was before.
        if (unlisted.Count > 0 && await OverwriteAsync(stopping))
        {
            foreach (var (erased, left) in unlisted)
            {
                await ledger.Store.KeepBlockListsAsync(erased, left, stopping);
            }
        }
    }

    private async Task<bool> OverwriteAsync(CancellationToken stopping)
    {
        try
        {
            for (var attempt = 0; attempt < OverwriteAttempts; attempt++)
            {
                if (await schema.OverwriteAsync(stopping))
                {
                    return true;
                }
            }

            LogHeld(logger, null);
        }
        catch (DbException exception)
        {
            LogHeld(logger, exception);
        }

        return false;
    }

    [LoggerMessage(EventId = 2183, Level = LogLevel.Warning, Message = "The file of block lists can't be written anew now; it is tried again")]
    private static partial void LogHeld(ILogger logger, Exception? exception);

    [LoggerMessage(EventId = 2181, Level = LogLevel.Warning, Message = "Those who were erased can't be taken out of the log now")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 2182, Level = LogLevel.Warning, Message = "Somebody who was erased can't be taken off the block list of {Business} now")]
    private static partial void LogListed(ILogger logger, Exception exception, long business);
}
