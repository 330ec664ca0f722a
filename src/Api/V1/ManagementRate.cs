using Actors.Api.Auth;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>
/// Bounds what a business asks of this node beside sending: dry runs and management, together at most <see cref="PerHour"/> in any hour. Counted in whole
/// minutes, rounded against the caller.
/// </summary>
internal sealed class ManagementRate(TimeProvider time)
{
    /// <summary>Calls of one business in any hour.</summary>
    public const int PerHour = 5_000;

    private readonly CallRate<long> _rate = new(time, PerHour, TimeSpan.FromMinutes(1), buckets: 60);

    /// <summary>The answer beyond it.</summary>
    public static Problem Exhausted(Instant retryAt) =>
        new(429, "rate_limited", $"Management calls, dry runs and analytics: {PerHour} an hour are used up.") { RetryAt = retryAt };

    /// <summary>Takes one call of a business; null when it may go on (and for everybody else), else when one may.</summary>
    public Instant? Take(HttpContext context) => context.Features.Get<Caller>() is { Role: CallerRole.Business } caller && Take(caller.Id) is { } wait
        ? Instant.From(time.GetUtcNow() + wait)
        : null;

    /// <summary>Takes one call; null when it may go on, else how long until one may.</summary>
    public TimeSpan? Take(long business) => _rate.Take(business);
}
