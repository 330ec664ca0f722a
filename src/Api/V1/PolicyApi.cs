using System.Collections.Immutable;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>Operators change the policy's numbers while the platform runs.</summary>
internal static class PolicyApi
{
    private const int ReasonMax = 500;

    public static void MapPolicy(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/policy").WithTags("Policy");

        group.MapGet("", GetAsync).AllowOperator().WithName("GetPolicy")
            .WithSummary("All numbers of the policy with value, default and range, and the version that holds").Produces<PolicyResponse>();
        group.MapGet("/versions", ListAsync).AllowOperator().WithName("ListPolicyVersions")
            .WithSummary("Every version there was: who changed what, when and why").TakesPage().Produces<PolicyVersionsResponse>().ProducesProblems(400);
        group.MapPost("/versions", ChangeAsync).AllowOperator().WithName("ChangePolicy")
            .WithSummary("Change numbers on all nodes at once: no send that arrives after the answer is accepted by the old ones")
            .WithDescription("base is the version that the change is made for: where another one holds meanwhile, nothing is changed (409 policy_moved).")
            .Accepts<PolicyRequest>("application/json").WithExample("""{"base":0,"changes":{"MarketingCap:PerDay":"3"},"reason":"a try for a week"}""")
            .Produces<PolicyResponse>(201).ProducesProblems(400, 409);
        group.MapPost("/versions/{version:int}/rollback", RollBackAsync).AllowOperator().WithName("RollBackPolicy")
            .WithSummary("Bring the numbers of an earlier version back, as a new version")
            .WithDescription("base is the version that it is to follow, as with a change.")
            .Accepts<RollbackRequest>("application/json").WithExample("""{"base":3,"reason":"too many complaints"}""")
            .Produces<PolicyResponse>(201).ProducesProblems(400, 404, 409);
    }

    private static async Task<IResult> GetAsync(IGrainFactory grains) => TypedResults.Ok(PolicyResponse.From(await Policy(grains).GetAsync()));

    private static async Task<IResult> ListAsync(HttpRequest request, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.PolicyVersions, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var versions = await Policy(grains).VersionsAsync(page.After is { } after ? (uint)after + 1 : 0, page.Limit);
        return TypedResults.Ok(new PolicyVersionsResponse(
            [.. versions.Select(PolicyVersionShape.From)],
            versions.Length < page.Limit ? null : Cursor.Encode(CursorKind.PolicyVersions, versions[^1].Version)));
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.PolicyRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Range("base", request.Base, 0, int.MaxValue);
        checks.Text("reason", request.Reason, ReasonMax, lines: true);
        var changes = Values(request.Changes, checks);
        return checks.Hold ? Answer(await Policy(grains).ChangeAsync((uint)request.Base, changes, request.Reason, caller.Actor)) : Refusals.Of(checks);
    }

    private static async Task<IResult> RollBackAsync(HttpContext context, int version, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.RollbackRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Range("base", request.Base, 0, int.MaxValue);
        checks.Text("reason", request.Reason, ReasonMax, lines: true);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return version < 0
            ? VersionUnknown
            : Answer(await Policy(grains).RollBackAsync((uint)version, (uint)request.Base, request.Reason, caller.Actor));
    }

    /// <summary>Numbers as they are written: each a text, or several where it is a list of words.</summary>
    public static ImmutableArray<PolicyValue> Values(IReadOnlyDictionary<string, JsonElement> changes, Checks checks)
    {
        if (changes.Count == 0)
        {
            checks.Add("changes", "it must name at least one number");
        }

        var values = ImmutableArray.CreateBuilder<PolicyValue>(changes.Count);
        foreach (var (key, value) in changes)
        {
            if (value.ValueKind == JsonValueKind.String)
            {
                values.Add(new PolicyValue(key, [value.GetString()!]));
            }
            else if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String))
            {
                values.Add(new PolicyValue(key, [.. value.EnumerateArray().Select(word => word.GetString()!)]));
            }
            else
            {
                checks.Add(Field(key), "it must be text as in configuration, such as \"3\" or \"1.00:00:00\", or a list of words");
            }
        }

        return values.ToImmutable();
    }

    private static IResult Answer(PolicyReply reply) =>
        reply.Refusal is { } refusal ? Refused(refusal, reply) : TypedResults.Created((string?)null, PolicyResponse.From(reply.Policy));

    private static Problem Refused(PolicyRefusal refusal, PolicyReply reply) => refusal switch
    {
        PolicyRefusal.Moved => new Problem(
            409, "policy_moved", $"Version {reply.Policy.Version} of the policy holds: read it, and decide again whether to change it."),
        PolicyRefusal.VersionUnknown => VersionUnknown,
        PolicyRefusal.Wrong => Wrong(reply.Faults),
        PolicyRefusal.NothingChanges => new Problem(409, "policy_unchanged", "The numbers are so already."),
        PolicyRefusal.Undecided => throw new InvalidOperationException("The policy was not changed without a reason."),
    };

    private static Problem VersionUnknown { get; } = new(404, "policy_version_unknown", "There is no such version of the policy.");

    public static Problem Wrong(ImmutableArray<PolicyFault> faults)
    {
        var checks = new Checks();
        foreach (var (key, rule) in faults)
        {
            checks.Add(Field(key), rule);
        }

        return Refusals.Of(checks);
    }

    private static string Field(string key) => $"changes.{key}";

    private static IPolicyGrain Policy(IGrainFactory grains) => grains.GetGrain<IPolicyGrain>(0);
}
