namespace Actors.Grains;

/// <summary>What is done again and again for as long as a node or an activation lives.</summary>
internal static class Rounds
{
    /// <summary>Does something, then again a while after it ended, until it is told to stop. What fails is told, and tried again with the next round.</summary>
    /// <param name="first">How long to wait before the first time. A machine's matter, not the ledger's time: real also where a test sets the clock.</param>
    /// <param name="period">How long to wait after each time.</param>
    /// <param name="once">What is done.</param>
    /// <param name="failed">Told of whatever it threw.</param>
    /// <param name="stopping">Ends it, in the middle, too, where <paramref name="once"/> obeys it.</param>
    public static async Task RepeatAsync(
        TimeSpan first, TimeSpan period, Func<CancellationToken, Task> once, Action<Exception> failed, CancellationToken stopping)
    {
        for (var wait = first; !stopping.IsCancellationRequested; wait = period)
        {
            try
            {
                await Task.Delay(wait, TimeProvider.System, stopping);
                await once(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was: the next time comes.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failed(exception);
            }
        }
    }
}
