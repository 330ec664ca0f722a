using Actors.Api.Auth;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>Bounds how often a user may have everything written out: by this node, in any 24 hours, rounded against them by up to an hour.</summary>
internal sealed class ExportRate(TimeProvider time)
{
    /// <summary>Exports of one user in any 24 hours.</summary>
    public const int PerDay = 5;

    private readonly CallRate<long> _rate = new(time, PerDay, TimeSpan.FromHours(1), buckets: 24);

    /// <summary>Takes one; null when it may go on, else when one may.</summary>
    public Instant? Take(long user) => _rate.Take(user) is { } wait ? Instant.From(time.GetUtcNow() + wait) : null;
}

/// <summary>
/// Bounds how often a user may be erased: by this node, in any 24 hours, rounded against them by up to an hour. Each erasure costs a walk over the log.
/// </summary>
internal sealed class ErasureRate(TimeProvider time)
{
    /// <summary>Erasures of one user in any 24 hours.</summary>
    public const int PerDay = 5;

    private readonly CallRate<long> _rate = new(time, PerDay, TimeSpan.FromHours(1), buckets: 24);

    /// <summary>Takes one; null when it may go on, else when one may.</summary>
    public Instant? Take(long user) => _rate.Take(user) is { } wait ? Instant.From(time.GetUtcNow() + wait) : null;
}

/// <summary>Everything held about a person, and its end.</summary>
internal static class UserDataApi
{
    public static void MapUserData(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/users/{user}").WithTags("Users");

        group.MapGet("/export", ExportAsync).AllowUser().WithName("ExportUser")
            .WithSummary("Everything held about the user, as one JSON document")
            .WithDescription(
                "record, overview, businesses, devices, marketing_receipts, engagement, keys (without the keys), earlier_life, messages with contents as far "
                + $"as they are kept, consent_log with its hashes, events. Times of messages stand with the messages. At most {ExportRate.PerDay} in 24 hours.")
            .Produces(200, contentType: "application/json").ProducesProblems(429);
        group.MapDelete("", EraseAsync).AllowUser().WithName("EraseUser")
            .WithSummary("Erase the user")
            .WithDescription(
                "With the answer contents, consents, preferences, devices and what holds with businesses are gone; what was not delivered has failed. Within "
                + "the hour the log loses the person; after 7 days, in which the marketing cap still counts, nothing is left but keyed hashes: stops, blocks "
                + "and opt-outs, so that no business can undo them by a new list of opt-ins. The token stays good: whoever says something anew begins anew. "
                + $"At most {ErasureRate.PerDay} in 24 hours.")
            .Produces<ActionResponse>().ProducesProblems(429);
    }

    private static async Task<IResult> ExportAsync(
        HttpContext context, RouteUser user, ExportRate rate, IGrainFactory grains, LeaseCache leases, PolicyBook policy, Wamids wamids)
    {
        if (rate.Take(user.Value) is { } retryAt)
        {
            return new Problem(429, "rate_limited", $"Exports: {ExportRate.PerDay} in 24 hours are used up.") { RetryAt = retryAt };
        }

        await new UserExport(user.Value, context.Response, grains, leases, policy, await wamids.GetAsync()).WriteAsync(context.RequestAborted);
        return Results.Empty;
    }

    private static async Task<IResult> EraseAsync(RouteUser user, ErasureRate rate, UserGrains users) => rate.Take(user.Value) is { } retryAt
        ? new Problem(429, "rate_limited", $"Erasures: {ErasureRate.PerDay} in 24 hours are used up.") { RetryAt = retryAt }
        : Refusals.Answer(await users.OnceAsync(user.Value, u => u.EraseAsync()), CallerRole.User);
}
