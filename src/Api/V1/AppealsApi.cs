using System.Globalization;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy.Businesses;

namespace Actors.Api.V1;

/// <summary>A page of appeals.</summary>
/// <param name="Appeals">Ascending by business and strike.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end.</param>
internal sealed record AppealsResponse(IReadOnlyList<AppealLine> Appeals, string? Next);

/// <summary>An appeal in the queue; its text stands in the business's enforcement.</summary>
internal sealed record AppealLine(string Business, int Strike, string Cause, string Status, string FiledAt);

/// <summary>Businesses appeal against strikes, operators decide.</summary>
internal static class AppealsApi
{
    public static void MapAppeals(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Appeals");

        group.MapGet("/appeals", ListAsync).AllowOperator().WithName("ListAppeals")
            .WithSummary("The queue of appeals, of all businesses").TakesPage("status").Produces<AppealsResponse>().ProducesProblems(400);
        group.MapPost("/businesses/{business}/appeals", FileAsync).AllowBusiness(Scopes.Manage).LimitManagement().WithName("FileAppeal")
            .WithSummary("Appeal against a strike: within 90 days of it, once for each")
            .Accepts<AppealRequest>("application/json").WithExample("""{"strike":1,"text":"These users had asked for it; see the opt-ins of 3 May."}""")
            .Produces<EnforcementResponse>(201).ProducesProblems(400, 404, 409, 429);
        group.MapPost("/businesses/{business}/appeals/{strike:int}", DecideAsync).AllowOperator().WithName("DecideAppeal")
            .WithSummary("Decide an appeal; reversed, the strike is as if it had never been")
            .Accepts<AppealDecisionRequest>("application/json").WithExample("""{"decision":"reversed","note":"the proof is there"}""")
            .Produces<EnforcementResponse>().ProducesProblems(400, 404, 409);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Appeals, checks, "status");
        string? status = request.Query["status"];
        if (status is not null)
        {
            checks.Word<AppealStatus>("status", status);
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var found = await grains.GetGrain<ILedgerGrain>(0).AppealsAsync(status, page.After ?? 0, page.Limit);
        return TypedResults.Ok(new AppealsResponse(
            [.. found.Select(a => new AppealLine(Text(a.Business), Ids.StrikeOf(a.Id), a.Name, a.Status, a.At.ToString()))],
            found.Length < page.Limit ? null : Cursor.Encode(CursorKind.Appeals, found[^1].Id)));
    }

    private static async Task<IResult> FileAsync(HttpContext context, long business, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.AppealRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Text("text", request.Text, 2_000, lines: true);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        return Answer(await grains.GetGrain<IBusinessGrain>(business).AppealAsync(request.Strike, request.Text, caller.Actor), 201);
    }

    private static async Task<IResult> DecideAsync(HttpContext context, long business, int strike, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.AppealDecisionRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        if (request.Decision is not ("upheld" or "reversed"))
        {
            checks.Add("decision", "it must be one of upheld, reversed");
        }

        checks.Note(request.Note);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var reply = await grains.GetGrain<IBusinessGrain>(business).DecideAppealAsync(strike, request.Decision == "reversed", request.Note, caller.Actor);
        return Answer(reply, 200);
    }

    private static IResult Answer(AppealReply? reply, int status) => reply switch
    {
        null => Refusals.BusinessUnknown,
        { Refusal: { } refusal } => Of(refusal),
        _ => TypedResults.Json(EnforcementResponse.From(reply.Enforcement), statusCode: status),
    };

    private static Problem Of(AppealRefusal refusal) => refusal switch
    {
        AppealRefusal.StrikeUnknown => new(404, "strike_unknown", "The business has no strike of this number."),
        AppealRefusal.AppealedBefore => new(409, "appealed_before", "There was an appeal against this strike already."),
        AppealRefusal.TooLate => new(409, "appeal_too_late", "The time for an appeal against this strike is over."),
        AppealRefusal.NotAppealed => new(404, "appeal_unknown", "There is no appeal against this strike."),
        AppealRefusal.Decided => new(409, "appeal_decided", "The appeal has been decided."),
    };

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
