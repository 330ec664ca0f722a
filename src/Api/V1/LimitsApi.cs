using Actors.Api.Auth;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>How many users a business may open, and has.</summary>
/// <param name="Limit">Users in any 24 hours; missing where it is not limited.</param>
/// <param name="Used">Users opened in the last 24 hours. One comes free up to five minutes late.</param>
/// <param name="Left">How many may still be opened; missing where it is not limited.</param>
/// <param name="Reserved">Of those left, how many nodes hold for sends that may be under way.</param>
/// <param name="NextFreeAt">When the next one comes free; missing where none is used.</param>
internal sealed record LimitsResponse(long? Limit, long Used, long? Left, long Reserved, string? NextFreeAt)
{
    public static LimitsResponse From(LimitView view) => new(
        view.Limit, view.Used, view.Limit is { } limit ? Math.Max(0, limit - view.Used) : null, view.Reserved, view.NextFreeAt?.ToString());
}

/// <summary>The messaging limit as it stands.</summary>
internal static class LimitsApi
{
    public static void MapLimits(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/businesses/{business}/limits", GetAsync).AllowBusiness(Scopes.Read).AllowOperator().WithTags("Quality").WithName("GetLimits")
            .WithSummary("Users whom the business may open in 24 hours: limit, used, left, and when the next come free")
            .Produces<LimitsResponse>().ProducesProblems(404);

    private static async Task<IResult> GetAsync(long business, IGrainFactory grains) =>
        await grains.GetGrain<ILimitGrain>(business).GetAsync() is { } view ? TypedResults.Ok(LimitsResponse.From(view)) : Refusals.BusinessUnknown;
}
