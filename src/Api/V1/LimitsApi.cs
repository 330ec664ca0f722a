using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy;

namespace Actors.Api.V1;

/// <summary>How many users a business may open, and has.</summary>
/// <param name="Limit">Users in any 24 hours; missing where it is not limited.</param>
/// <param name="Used">Users opened in the last 24 hours. One comes free up to five minutes late.</param>
/// <param name="Left">How many may still be opened; missing where it is not limited.</param>
/// <param name="Reserved">Of those left, how many nodes hold for sends that may be under way.</param>
/// <param name="NextFreeAt">When the next one comes free; missing where none is used.</param>
/// <param name="Throughput">How fast each of its numbers may send.</param>
internal sealed record LimitsResponse(long? Limit, long Used, long? Left, long Reserved, string? NextFreeAt, ThroughputShape Throughput)
{
    public static LimitsResponse From(LimitView view, PolicyNumbers numbers) => new(
        view.Limit,
        view.Used,
        view.Limit is { } limit ? Math.Max(0, limit - view.Used) : null,
        view.Reserved,
        view.NextFreeAt?.ToString(),
        new ThroughputShape(Words.Of(view.Throughput), Policy.Businesses.Throughput.PerSecond(view.Throughput, numbers.Throughput)));
}

/// <summary>How fast a number may send.</summary>
/// <param name="Level">STANDARD or HIGH.</param>
/// <param name="MessagesPerSecond">Decisions of one number in any sliding second, over all nodes.</param>
internal sealed record ThroughputShape(string Level, int MessagesPerSecond);

/// <summary>The messaging limit as it stands.</summary>
internal static class LimitsApi
{
    public static void MapLimits(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/businesses/{business}/limits", GetAsync).AllowBusiness(Scopes.Read).AllowOperator().WithTags("Quality").WithName("GetLimits")
            .WithSummary("Users whom the business may open in 24 hours: limit, used, left, and when the next come free; and the throughput of its numbers")
            .Produces<LimitsResponse>().ProducesProblems(404);

    private static async Task<IResult> GetAsync(long business, IGrainFactory grains, PolicyBook policy) =>
        await grains.GetGrain<ILimitGrain>(business).GetAsync() is { } view
            ? TypedResults.Ok(LimitsResponse.From(view, policy.Current))
            : Refusals.BusinessUnknown;
}
