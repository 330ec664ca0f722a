using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Api.Sends;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Sends;

namespace Actors.Api.V1;

/// <summary>Numbers that are tried on every send and never obeyed.</summary>
/// <param name="At">Since when.</param>
/// <param name="Actor">By whom.</param>
/// <param name="Changes">What differs from the policy, by name.</param>
/// <param name="Sends">Sends that were tried, by all nodes.</param>
/// <param name="Untried">Sends of which it isn't known how the shadow would have decided them; they are not among the others.</param>
/// <param name="Differ">Of those that were tried, those that the shadow would have decided otherwise, by reason.</param>
internal sealed record ShadowResponse(
    string At, string Actor, IReadOnlyDictionary<string, JsonElement> Changes, long Sends, long Untried, IReadOnlyList<ShadowDifference> Differ)
{
    public static ShadowResponse From(ShadowView view) => new(
        view.At.ToString(),
        view.Actor,
        view.Values.ToDictionary(value => value.Key, value => PolicyNumberShape.Text(value.Texts, PolicyKeys.Find(value.Key)?.IsList == true)),
        view.Counts.Sum(count => count.Sends),
        view.Untried,
        [
            .. view.Counts.Where(count => count.Decided != count.Shadow)
                .Select(count => new ShadowDifference(Word(count.Decided), Word(count.Shadow), count.Sends)),
        ]);

    private static string Word(Reason? reason) => reason is { } why ? TraceJson.Name(why.ToString()) : "accepted";
}

/// <summary>Sends that the shadow would have decided otherwise.</summary>
/// <param name="Decided">accepted, or why they were refused.</param>
/// <param name="Shadow">accepted, or why it would have refused them.</param>
/// <param name="Sends">How many.</param>
internal sealed record ShadowDifference(string Decided, string Shadow, long Sends);

/// <summary>Operators try numbers before they make them the policy.</summary>
internal static class ShadowApi
{
    public static void MapShadow(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/policy/shadow").WithTags("Policy");

        group.MapGet("", GetAsync).AllowOperator().WithName("GetShadowPolicy")
            .WithSummary("The numbers that are tried, and what they would have decided otherwise")
            .WithDescription("The sum over all nodes: of the one that answers as it is, of the others as of a few seconds ago. It is kept over restarts.")
            .Produces<ShadowResponse>().ProducesProblems(404);
        group.MapPut("", SetAsync).AllowOperator().WithName("SetShadowPolicy")
            .WithSummary("Try numbers on every send, without obeying them; nodes follow within a second and count anew")
            .Accepts<ShadowRequest>("application/json").WithExample("""{"changes":{"MarketingCap:PerDay":"3"}}""")
            .Produces<ShadowResponse>().ProducesProblems(400);
        group.MapDelete("", EndAsync).AllowOperator().WithName("EndShadowPolicy")
            .WithSummary("Try nothing any more").Produces(204).ProducesProblems(404);
    }

    private static async Task<IResult> GetAsync(HttpContext context, IGrainFactory grains, ShadowReports reports)
    {
        await reports.TellAsync(context.RequestAborted);
        return await Policy(grains).ShadowAsync() is { } view ? TypedResults.Ok(ShadowResponse.From(view)) : Unknown;
    }

    private static async Task<IResult> SetAsync(HttpContext context, Caller caller, IGrainFactory grains, ShadowReports reports)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.ShadowRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var changes = PolicyApi.Values(request.Changes, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var faults = await Policy(grains).SetShadowAsync(changes, caller.Actor);
        return faults.IsEmpty ? await GetAsync(context, grains, reports) : PolicyApi.Wrong(faults);
    }

    private static async Task<IResult> EndAsync(Caller caller, IGrainFactory grains)
    {
        if (await Policy(grains).ShadowAsync() is null)
        {
            return Unknown;
        }

        await Policy(grains).SetShadowAsync([], caller.Actor);
        return TypedResults.NoContent();
    }

    private static Problem Unknown { get; } = new(404, "shadow_unknown", "There is no shadow policy.");

    private static IPolicyGrain Policy(IGrainFactory grains) => grains.GetGrain<IPolicyGrain>(0);
}
