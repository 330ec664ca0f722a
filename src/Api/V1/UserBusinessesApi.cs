using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Api.Leases;
using Actors.Contracts;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>The user's word about one business: opt-in, stop, block, report.</summary>
internal static class UserBusinessesApi
{
    public static void MapUserBusinesses(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/users/{user}/businesses/{business}").WithTags("Users");

        group.MapPut("/opt-in", OptInAsync).AllowUser().WithName("OptIn")
            .WithSummary("Opt in to categories of this business's messages")
            .Accepts<UserOptInRequest>("application/json").WithExample("""{"categories":["utility"]}""")
            .Produces<ActionResponse>().ProducesProblems(400, 404, 409);
        group.MapDelete("/opt-in", OptOutAsync).AllowUser().WithName("OptOut")
            .WithSummary("Opt out; no business can undo it")
            .WithDescription("The query's categories (separated by commas) says of what; all when it is left out.")
            .Produces<ActionResponse>().ProducesProblems(400, 404);
        group.MapPut("/marketing-stop", StopAsync).AllowUser().WithName("StopMarketing")
            .WithSummary("Stop this business's marketing").Produces<ActionResponse>().ProducesProblems(404);
        group.MapDelete("/marketing-stop", ResumeAsync).AllowUser().WithName("ResumeMarketing")
            .WithSummary("Let this business's marketing come again").Produces<ActionResponse>().ProducesProblems(404);
        group.MapPut("/block", BlockAsync).AllowUser().WithName("Block")
            .WithSummary("Block this business: withdraws all its opt-ins and closes the window; the body may be left out")
            .Accepts<BlockRequest>(isOptional: true, "application/json").Produces<ActionResponse>().ProducesProblems(400, 404);
        group.MapDelete("/block", UnblockAsync).AllowUser().WithName("Unblock")
            .WithSummary("Unblock this business; restores no opt-in").Produces<ActionResponse>().ProducesProblems(404);
        group.MapPost("/reports", ReportAsync).AllowUser().WithName("Report")
            .WithSummary("Report this business, perhaps for one message, perhaps blocking it, too")
            .Accepts<ReportRequest>("application/json").WithExample("""{"reason":"spam","block":true}""")
            .Produces<ActionResponse>(201).ProducesProblems(400, 404, 409);
    }

    private static async Task<IResult> OptInAsync(
        HttpContext context, RouteUser user, long business, IGrainFactory grains, UserGrains users, LeaseCache leases)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.UserOptInRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var categories = checks.CategorySet("categories", request.Categories);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var at = (await grains.GetGrain<ILedgerGrain>(0).TimeAsync()).Now;
        var optIn = new OptIn(business, categories, ByUser: true, ConsentSource.App, at, Wording: null, Evidence: null);
        return await leases.GetAsync(business) is null
            ? Refusals.BusinessUnknown
            : Refusals.Answer(await users.OnceAsync(user.Value, u => u.OptInAsync(optIn)), CallerRole.User);
    }

    private static async Task<IResult> OptOutAsync(HttpRequest request, RouteUser user, long business, UserGrains users, LeaseCache leases)
    {
        var checks = new Checks();
        var categories = OptInsApi.OptOutCategories(request.Query, checks);
        return checks.Hold
            ? await ActAsync(user, business, users, leases, u => u.OptOutAsync(business, categories, byUser: true))
            : Refusals.Of(checks);
    }

    private static Task<IResult> StopAsync(RouteUser user, long business, UserGrains users, LeaseCache leases) =>
        ActAsync(user, business, users, leases, u => u.StopMarketingAsync(business));

    private static Task<IResult> ResumeAsync(RouteUser user, long business, UserGrains users, LeaseCache leases) =>
        ActAsync(user, business, users, leases, u => u.ResumeMarketingAsync(business));

    private static async Task<IResult> BlockAsync(HttpContext context, RouteUser user, long business, UserGrains users, LeaseCache leases)
    {
        var reason = ComplaintReason.NoReason;
        if (context.Request.ContentType is not null)
        {
            var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.BlockRequest);
            if (request is null)
            {
                return problem!;
            }

            var checks = new Checks();
            reason = request.Reason is null ? reason : checks.Word<ComplaintReason>("reason", request.Reason);
            if (!checks.Hold)
            {
                return Refusals.Of(checks);
            }
        }

        return await ActAsync(user, business, users, leases, u => u.BlockAsync(business, reason));
    }

    private static Task<IResult> UnblockAsync(RouteUser user, long business, UserGrains users, LeaseCache leases) =>
        ActAsync(user, business, users, leases, u => u.UnblockAsync(business));

    private static async Task<IResult> ReportAsync(
        HttpContext context, RouteUser user, long business, UserGrains users, LeaseCache leases, Wamids wamids)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.ReportRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var reason = checks.Word<ComplaintReason>("reason", request.Reason);
        long? message = null;
        if (request.Message is not null)
        {
            if ((await wamids.GetAsync()).TryDecode(request.Message, out var of, out var number) && of == user.Value)
            {
                message = number;
            }
            else
            {
                checks.Add("message", "it must be the id of a message of this business to you");
            }
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (await leases.GetAsync(business) is null)
        {
            return Refusals.BusinessUnknown;
        }

        var answer = Refusals.Answer(
            await users.OnceAsync(user.Value, u => u.ReportAsync(business, reason, message, request.Block)), CallerRole.User);
        return answer is Microsoft.AspNetCore.Http.HttpResults.Ok<ActionResponse> { Value: { } done } ? TypedResults.Json(done, statusCode: 201) : answer;
    }

    /// <summary>Does it, if there is such a business. Done twice it must be as done once.</summary>
    private static async Task<IResult> ActAsync(
        RouteUser user, long business, UserGrains users, LeaseCache leases, Func<IUserGrain, Task<ActionReply>> act) =>
        await leases.GetAsync(business) is null
            ? Refusals.BusinessUnknown
            : Refusals.Answer(await users.WordAsync(user.Value, act), CallerRole.User);
}
