namespace Actors.Ledger;

/// <summary>How the ledger's queue and clock are sized.</summary>
public sealed record LedgerSettings
{
    /// <summary>Most commits that wait; one more is answered with overloaded.</summary>
    public int QueueMax { get; init; } = 4_096;

    /// <summary>Most bytes (records and contents) that wait.</summary>
    public long QueueBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Most commits of one transaction.</summary>
    public int BatchMax { get; init; } = 512;

    /// <summary>Most bytes (records and contents) of one transaction; a single commit may be larger.</summary>
    public long BatchBytesMax { get; init; } = 4L * 1024 * 1024;

    /// <summary>Most reads of users that wait; one more fails as unavailable.</summary>
    public int ReadsMax { get; init; } = 16_384;

    /// <summary>How long to try to find out what became of a batch; after that its callers are told unknown.</summary>
    public TimeSpan ResolveWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long events and the rows of messages are kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long contents of messages are kept; not longer than their rows.</summary>
    public TimeSpan ContentRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long counts for analytics are kept.</summary>
    public TimeSpan AnalyticsRetention { get; init; } = TimeSpan.FromDays(92);
}
