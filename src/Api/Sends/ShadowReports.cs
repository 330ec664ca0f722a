using Actors.Contracts;

namespace Actors.Api.Sends;

/// <summary>Adds what this node counts of the shadow policy to the sum over all nodes. A report's number is within this run of the process.</summary>
internal sealed partial class ShadowReports(PolicyBook policy, IGrainFactory grains, ILogger<ShadowReports> logger) : PeriodicReports
{
    private readonly ShadowMetrics _metrics = new(policy);
    private readonly Guid _run = Guid.NewGuid();
    private ShadowReport? _report;
    private long _told;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _metrics.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task TellAllAsync(CancellationToken stopping)
    {
        if (policy.Shadow is not { } shadow)
        {
            _report = null;
            return;
        }

        // Twice: what is counted while an earlier report is under way is told, too.
        for (var isOld = _report?.SetAt == shadow.SetAt; ; isOld = false)
        {
            _report = isOld ? _report : Next(shadow);
            if (_report is null)
            {
                return;
            }

            await grains.GetGrain<IShadowGrain>(0).AddAsync(_report).WaitAsync(stopping);
            (_told, _report) = (_report.Number, null);
            if (!isOld)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override void NotTold(Exception exception) => LogNotTold(logger, exception);

    private ShadowReport? Next(ShadowPolicy shadow)
    {
        var (counts, untried) = shadow.Take();
        return counts.IsEmpty && untried == 0 ? null : new ShadowReport(_run, _told + 1, shadow.SetAt, counts, untried);
    }

    [LoggerMessage(EventId = 4202, Level = LogLevel.Warning, Message = "What was counted of the shadow policy can't be added to the sum now; it is told again")]
    private static partial void LogNotTold(ILogger logger, Exception exception);
}
