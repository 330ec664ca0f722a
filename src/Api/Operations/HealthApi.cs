using Actors.Contracts;

namespace Actors.Api.Operations;

/// <summary>How the node is.</summary>
/// <param name="Status">live, ready or not_ready.</param>
/// <param name="Reason">Why it is not ready: stopping, joining, storage_unreachable or clock_not_trusted.</param>
internal sealed record HealthResponse(string Status, string? Reason = null);

/// <summary>For whoever starts, stops and balances nodes.</summary>
internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Operations");

        // Nothing but this process: a node whose storage is away must not be restarted for it.
        group.MapGet("/live", () => TypedResults.Ok(new HealthResponse("live"))).WithName("GetLiveness")
            .WithSummary("The process answers").Produces<HealthResponse>();
        group.MapGet("/ready", ReadyAsync).WithName("GetReadiness")
            .WithSummary("The node takes requests: its storage answers, its clock is trusted, and it neither joins nor stops")
            .Produces<HealthResponse>().Produces<HealthResponse>(503);
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, HttpContext context) =>
        await readiness.ReasonAsync(context.RequestAborted) is { } reason
            ? TypedResults.Json(new HealthResponse("not_ready", reason), statusCode: 503)
            : TypedResults.Ok(new HealthResponse("ready"));
}

/// <summary>Whether this node is a silo that has joined a cluster and hasn't got all of its users yet: until then no other one should be taken away.</summary>
internal sealed record Joining(Func<bool> IsIt);

/// <summary>Whether the node takes requests. However many ask, the storage is asked once a second at most.</summary>
internal sealed class Readiness(IGrainFactory grains, DeadNodes deadNodes, Joining joining, IHostApplicationLifetime lifetime, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private const int Ways = 4;
    private readonly SemaphoreSlim _asking = new(1);
    private (string? Reason, long At)? _known;

    /// <summary>Why not; null when it does.</summary>
    public async Task<string?> ReasonAsync(CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return "stopping";
        }

        if (joining.IsIt())
        {
            return "joining";
        }

        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_known is not { } known || time.GetElapsedTime(known.At) >= Fresh)
            {
                _known = known = (await AskAsync(), time.GetTimestamp());
            }

            return known.Reason;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();

    /// <summary>Where there are several nodes one of them may hang: another grain's way leads over another one.</summary>
    private async Task<string?> AskAsync()
    {
        var ways = Enumerable.Range(0, deadNodes.MayBe ? Ways : 1).Select(key => AskAsync(key)).ToList();
        while (true)
        {
            var answered = await Task.WhenAny(ways);
            ways.Remove(answered);
            if (await answered is not { } reason || ways.Count == 0)
            {
                return await answered;
            }
        }
    }

    private async Task<string?> AskAsync(long key)
    {
        try
        {
            var ledger = grains.GetGrain<ILedgerGrain>(key);
            // The cheapest question that the storage itself answers; of several servers the home server, without which nothing goes.
            await ledger.BusinessesAsync(null, long.MaxValue, 1).WaitAsync(Patience, time);
            var now = await ledger.TimeAsync().WaitAsync(Patience, time);
            return now.Trusted ? null : "clock_not_trusted";
        }
        catch (Exception e) when (Failures.IsOutage(e))
        {
            return "storage_unreachable";
        }
    }
}
