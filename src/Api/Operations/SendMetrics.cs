using System.Diagnostics.Metrics;
using Actors.Api.Leases;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Policy.Sends;

namespace Actors.Api.Operations;

/// <summary>What the API tells of sends: meter <c>Actors.Api</c>. Labels are closed lists; no ids, no numbers.</summary>
/// <remarks>Counted in an array and looked at when somebody asks: a send pays for one increment, not for a listener.</remarks>
internal sealed class SendMetrics : IDisposable
{
    public const string MeterName = "Actors.Api";

    private static readonly string[] Outcomes = Names<SendOutcome>();
    private static readonly string[] Reasons = Names<Reason>();

    private readonly Meter _meter = new(MeterName);
    private readonly long[] _ended = new long[Outcomes.Length * (Reasons.Length + 1)];

    public SendMetrics(InFlightGate gate, RefusalCounts refusals, LeaseCache leases)
    {
        _meter.CreateObservableCounter("api.sends", Read, "{send}", "Sends by how they ended, with the reason where they were refused.");
        _meter.CreateObservableGauge("api.requests.in_flight", () => gate.InFlight, "{request}", "Requests under way.");
        _meter.CreateObservableCounter("api.requests.refused", () => gate.Refused, "{request}", "Requests refused because too many were under way.");
        _meter.CreateObservableCounter(
            "api.leases",
            () => (Measurement<long>[])[Of("obtained", leases.Obtained), Of("not_renewed", leases.NotRenewed)],
            "{lease}",
            "Leases of businesses that were obtained, and renewals that failed.");
        _meter.CreateObservableCounter(
            "api.refusals.uncounted", () => refusals.Uncounted, "{send}", "Refused sends that analytics don't count: too many businesses were refused.");
        _meter.CreateObservableCounter(
            "api.refusals.without_template",
            () => refusals.WithoutTemplate,
            "{send}",
            "Refused sends that analytics count for the business only: too many templates were refused.");
    }

    /// <summary>Counts one send.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="reason">Why, where it was refused.</param>
    public void Ended(SendOutcome outcome, Reason? reason) =>
        Interlocked.Increment(ref _ended[((int)outcome * (Reasons.Length + 1)) + (reason is { } why ? (int)why + 1 : 0)]);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static Measurement<long> Of(string outcome, long count) => new(count, new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<long>> Read()
    {
        for (var cell = 0; cell < _ended.Length; cell++)
        {
            if (Interlocked.Read(ref _ended[cell]) is > 0 and var count)
            {
                var (outcome, reason) = Math.DivRem(cell, Reasons.Length + 1);
                yield return new Measurement<long>(
                    count, new("outcome", Outcomes[outcome]), new KeyValuePair<string, object?>("reason", reason == 0 ? "" : Reasons[reason - 1]));
            }
        }
    }

    /// <summary>Names by number; the enums start at 0 and have no gaps.</summary>
    private static string[] Names<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Order().Select(v => TraceJson.Name(v.ToString()))];
}
