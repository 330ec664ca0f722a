namespace Actors.Policy.Webhooks;

/// <summary>The numbers of webhook deliveries. The Cloud API's contract gives most of them; receivers may rely on them.</summary>
public static class DeliveryRules
{
    /// <summary>Most updates of one delivery.</summary>
    public const int UpdatesMax = 1_000;

    /// <summary>Most bytes of one delivery.</summary>
    public const int BytesMax = 3_000_000;

    /// <summary>A batch that has failed so often is split; a single update is set aside.</summary>
    public const int TriesMax = 3;

    /// <summary>Updates that are probed with while one is stuck. When none of them arrives either, the receiver is down.</summary>
    public const int ProbesMax = 10;

    /// <summary>Batches of one lane that have a number and are not done, beyond which only one update at a time is probed with.</summary>
    public const int PendingMax = 32;

    /// <summary>Parked batches of one subscription. Beyond that it waits instead of parking more.</summary>
    public const int ParkedMax = 1_000;

    /// <summary>From its first try on, a batch is tried for so long; the first failure at or after the end parks it.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>The shortest pause after a failure.</summary>
    public static readonly TimeSpan PauseFirst = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause after a failure.</summary>
    public static readonly TimeSpan PauseLast = TimeSpan.FromHours(1);

    /// <summary>
    /// How long to wait after failures in a row: doubles from <see cref="PauseFirst"/> up to <see cref="PauseLast"/>, spread over half of it.
    /// </summary>
    /// <param name="failures">Failures in a row, 1 or more.</param>
    /// <param name="jitter">A random number, 0 or more and below 1, so that receivers that fell together aren't all asked at the same time.</param>
    /// <returns>Whole milliseconds: 1 to 2 seconds after the first failure, half an hour to an hour in the end.</returns>
    public static TimeSpan Pause(int failures, double jitter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var longest = Math.Min(PauseLast.TotalMilliseconds, PauseFirst.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30)));
        return TimeSpan.FromMilliseconds(Math.Floor((longest / 2) + (longest / 2 * jitter)));
    }
}
