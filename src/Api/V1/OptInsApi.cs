using System.Text.Json.Nodes;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Users;
using Microsoft.OpenApi;

namespace Actors.Api.V1;

/// <summary>Opt-ins that a business records for its users, singly and in bulk, with their proof.</summary>
internal static class OptInsApi
{
    private const string Example =
        """
        {"user":"+49 170 1234567","categories":["marketing","utility"],"source":"website","wording":"Yes, send me offers and news about my orders.",
         "evidence":"form 4711","at":"2026-11-22T09:30:00Z"}
        """;

    private const string LinesExample =
        """
        {"line":1,"ok":true,"changed":true}
        {"line":2,"ok":false,"code":"taken_away_by_user","detail":"The user's own word took this consent away. Only the user can give it again."}
        """;

    public static void MapOptIns(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/businesses/{business}/opt-ins").WithTags("Opt-ins");

        group.MapPost("", RecordAsync).AllowBusiness(Scopes.Manage).WithName("RecordOptIns")
            .WithSummary("Record one opt-in, or many as lines of JSON")
            .WithDescription(
                "With application/json: one opt-in. With application/x-ndjson: one per line, at most 4 KiB each and 32 MiB together; the answer has one "
                + "line for each, in order, and a line that is refused doesn't stop the others. One import of a business at a time. Repeating one "
                + "records nothing twice, but its lines take from the day's room again.")
            .Accepts<OptInRequest>("application/json", OptInImport.ContentType).WithExample(Example)
            .Produces<ActionResponse>().ProducesProblems(400, 409, 413, 415, 503)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                operation.Responses!["200"].Content![OptInImport.ContentType] = new OpenApiMediaType { Example = JsonValue.Create(LinesExample) };
                return Task.CompletedTask;
            });
        group.MapGet("", ListAsync).AllowBusiness(Scopes.Read).WithName("ListOptIns")
            .WithSummary("The business's opt-ins and opt-outs with their proof, in the order they were recorded")
            .TakesPage().Produces<OptInsResponse>().ProducesProblems(400);
        group.MapDelete("/{user}", WithdrawAsync).AllowBusiness(Scopes.Manage).WithName("WithdrawOptIn")
            .WithSummary("Take an opt-out for the user")
            .WithDescription("The query's categories (separated by commas) says of what; all when it is left out.")
            .Produces<ActionResponse>().ProducesProblems(400, 404);
    }

    /// <summary>The opt-in that a request means; what is wrong with it goes to <paramref name="checks"/>.</summary>
    public static (long User, OptIn OptIn) Check(OptInRequest request, long business, Checks checks)
    {
        var user = checks.User("user", request.User);
        var categories = checks.CategorySet("categories", request.Categories);
        var source = checks.Word<ConsentSource>("source", request.Source);
        checks.Text("wording", request.Wording, 1_024, lines: true);
        checks.Text("evidence", request.Evidence, 512);
        var at = checks.Time("at", request.At);
        return (user, new OptIn(business, categories, ByUser: false, source, at, request.Wording, request.Evidence));
    }

    private static async Task<IResult> RecordAsync(HttpContext context, long business, UserGrains users, OptInImport import)
    {
        if (OptInImport.IsLines(context.Request.ContentType))
        {
            return await import.RunAsync(context, business);
        }

        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.OptInRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var (user, optIn) = Check(request, business, checks);
        return checks.Hold
            ? Refusals.Answer(await users.OnceAsync(user, u => u.OptInAsync(optIn)), CallerRole.Business)
            : Refusals.Of(checks);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, long business, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.OptIns, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var after = page.After ?? 0;
        var lines = await grains.GetGrain<ILedgerGrain>(0).ConsentsAsync(business, after, page.Limit);
        var next = lines.IsEmpty ? after : lines[^1].Seq;
        return TypedResults.Ok(new OptInsResponse([.. lines.Select(OptInShape.From)], Cursor.Encode(CursorKind.OptIns, next)));
    }

    private static async Task<IResult> WithdrawAsync(HttpRequest request, long business, RouteUser user, UserGrains users)
    {
        var checks = new Checks();
        var categories = OptOutCategories(request.Query, checks);
        return checks.Hold
            ? Refusals.Answer(await users.OnceAsync(user.Value, u => u.OptOutAsync(business, categories, byUser: false)), CallerRole.Business)
            : Refusals.Of(checks);
    }

    /// <summary>What an opt-out is about: the query's <c>categories</c>, else all.</summary>
    public static Categories OptOutCategories(IQueryCollection query, Checks checks)
    {
        foreach (var name in query.Keys.Where(k => k != "categories"))
        {
            checks.Add(name, "there is no such parameter");
        }

        var values = query["categories"];
        return values.Count == 0 ? Categories.All : checks.CategorySet("categories", values.SelectMany(v => (v ?? "").Split(',')));
    }
}
