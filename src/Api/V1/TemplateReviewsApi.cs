using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Templates;

namespace Actors.Api.V1;

/// <summary>A page of templates.</summary>
/// <param name="Templates">Ascending by id.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end.</param>
internal sealed record TemplatesResponse(IReadOnlyList<TemplateLine> Templates, string? Next);

/// <summary>A template in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Business">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Language">Its language.</param>
/// <param name="Status">PENDING, APPROVED, REJECTED, PAUSED or DISABLED.</param>
/// <param name="Reason">Why it is rejected, paused or disabled: what was said, or LOW_QUALITY.</param>
/// <param name="PausedUntil">When its pause ends by itself.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record TemplateLine(
    string Id, string Business, string Name, string Language, string Status, string? Reason, string? PausedUntil, string CreatedAt);

/// <summary>One language of a template, as review sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Business">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Language">Its language.</param>
/// <param name="Status">PENDING, APPROVED, REJECTED, PAUSED or DISABLED.</param>
/// <param name="Category">What review says; what the business asked for until then.</param>
/// <param name="RequestedCategory">What the business asked for.</param>
/// <param name="RejectedReason">Why it was rejected or stopped.</param>
/// <param name="Remarks">What the linter remarked.</param>
/// <param name="Components">As the business submitted them.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record TemplateResponse(
    string Id,
    string Business,
    string Name,
    string Language,
    string Status,
    string Category,
    string RequestedCategory,
    string? RejectedReason,
    IReadOnlyList<TemplateRemark> Remarks,
    JsonElement? Components,
    string CreatedAt)
{
    public static TemplateResponse From(TemplateView view) => new(
        view.Id.ToString(CultureInfo.InvariantCulture),
        Ids.BusinessOf(view.Id).ToString(CultureInfo.InvariantCulture),
        view.Content.Name,
        view.Content.Language,
        Words.Of(view.Status),
        Words.Of(view.Content.Category),
        Words.Of(view.RequestedCategory),
        view.RejectedReason,
        [.. view.Remarks.Select(r => new TemplateRemark(r.Field, r.Message))],
        InboxMessage.Json(view.Components),
        view.CreatedAt.ToString());
}

/// <summary>What the linter remarked without refusing.</summary>
internal sealed record TemplateRemark(string Field, string Message);

/// <summary>Operators review templates.</summary>
internal static class TemplateReviewsApi
{
    /// <summary>One page asks so many templates at the same time.</summary>
    private const int CallsAtOnce = 16;

    public static void MapTemplateReviews(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/templates").WithTags("Template review");

        group.MapGet("", ListAsync).AllowOperator().WithName("ListTemplatesForReview")
            .WithSummary("Templates of all businesses, ascending by id")
            .WithDescription(
                "A page of one status can hold fewer than its limit, also none, while there are more: follow next to its end. What a pause held shows as "
                + "APPROVED in a list of that status up to half an hour after the pause has ended.")
            .TakesPage("status", "business", "name").Produces<TemplatesResponse>().ProducesProblems(400);
        group.MapGet("/{template}", GetAsync).AllowOperator().WithName("GetTemplateForReview")
            .WithSummary("One template with its components and the linter's remarks").Produces<TemplateResponse>().ProducesProblems(404);
        group.MapPost("/{template}/review", ReviewAsync).AllowOperator().WithName("ReviewTemplate")
            .WithSummary("Approve or reject a pending template; its category is what review says")
            .Accepts<ReviewRequest>("application/json").WithExample("""{"decision":"approve","category":"utility"}""")
            .Produces<TemplateResponse>().ProducesProblems(400, 404, 409);
        group.MapPost("/{template}/stop", StopAsync).AllowOperator().WithName("StopTemplate")
            .WithSummary("Stop a template at once and for good")
            .WithDescription("After the answer no node accepts a send of it. The business is told the reason.")
            .Accepts<StopRequest>("application/json").WithExample("""{"reason":"It imitates a bank."}""")
            .Produces<TemplateResponse>().ProducesProblems(400, 404, 409);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Templates, checks, "status", "business", "name");
        string? status = request.Query["status"];
        string? name = request.Query["name"];
        string? of = request.Query["business"];
        if (status is not null)
        {
            checks.Word<TemplateStatus>("status", status);
        }

        checks.Text("name", name, 512);
        var business = 0L;
        if (of is not null && !Checks.TryId(of, IdKind.Business, out business))
        {
            checks.Add("business", "it must be the id of a business");
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var found = await grains.GetGrain<ILedgerGrain>(0).TemplatesAsync(of is null ? null : business, status, name, page.After ?? 0, page.Limit);
        var lines = await LinesAsync(found, grains);
        return TypedResults.Ok(new TemplatesResponse(
            [.. status is null ? lines : lines.Where(line => line.Status == status)],
            found.Length < page.Limit ? null : Cursor.Encode(CursorKind.Templates, found[^1].Id)));
    }

    /// <summary>What the directory lists, with what only the templates know: why, and whether a pause is over by now.</summary>
    private static async Task<TemplateLine[]> LinesAsync(ImmutableArray<DirectoryLine> found, IGrainFactory grains)
    {
        var names = found.Where(t => t.Status is not ("PENDING" or "APPROVED")).Select(t => (t.Business, t.Name)).Distinct();
        var views = new ConcurrentDictionary<long, TemplateView>();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce }, async (one, _) =>
        {
            foreach (var view in await grains.GetGrain<ITemplateGrain>(one.Business, one.Name, null).GetAsync())
            {
                views[view.Id] = view;
            }
        });
        return [.. found.Select(t => views.GetValueOrDefault(t.Id) is { } view ? LineOf(t, view) : LineOf(t, t.Status, null, null))];
    }

    private static TemplateLine LineOf(DirectoryLine line, TemplateView view) => LineOf(
        line,
        Words.Of(view.Status),
        view.RejectedReason ?? (view.Status is TemplateStatus.Paused or TemplateStatus.Disabled ? "LOW_QUALITY" : null),
        view.PausedUntil?.ToString());

    private static TemplateLine LineOf(DirectoryLine line, string status, string? reason, string? pausedUntil) =>
        new(Text(line.Id), Text(line.Business), line.Name, line.Language, status, reason, pausedUntil, line.At.ToString());

    private static async Task<IResult> GetAsync(long template, IGrainFactory grains)
    {
        if (await FindAsync(template, grains) is not { } grain)
        {
            return Refusals.TemplateUnknown;
        }

        var view = (await grain.GetAsync()).FirstOrDefault(t => t.Id == template);
        return view is null ? Refusals.TemplateUnknown : TypedResults.Ok(TemplateResponse.From(view));
    }

    private static async Task<IResult> ReviewAsync(HttpContext context, long template, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.ReviewRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        var approve = request.Decision == "approve";
        if (!approve && request.Decision != "reject")
        {
            checks.Add("decision", "it must be one of approve, reject");
        }
        else if (approve == request.Reason is not null)
        {
            checks.Add("reason", approve ? "it belongs to a rejection only" : "it is required with reject");
        }

        checks.Text("reason", request.Reason, 500, lines: true);
        Category? category = request.Category is null ? null : checks.Word<Category>("category", request.Category);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (await FindAsync(template, grains) is not { } grain)
        {
            return Refusals.TemplateUnknown;
        }

        var reply = await grain.ReviewAsync(template, approve, request.Reason, category, caller.Actor);
        return reply.Refusal is { } refusal ? Of(refusal) : TypedResults.Ok(TemplateResponse.From(reply.Template!));
    }

    private static async Task<IResult> StopAsync(HttpContext context, long template, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.StopRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Text("reason", request.Reason, 500, lines: true);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        if (await FindAsync(template, grains) is not { } grain)
        {
            return Refusals.TemplateUnknown;
        }

        var reply = await grain.StopAsync(template, request.Reason, caller.Actor);
        return reply.Refusal switch
        {
            null => TypedResults.Ok(TemplateResponse.From(reply.Template!)),
            TemplateRefusal.Status => new Problem(409, "template_disabled", "The template is disabled already."),
            var refusal => Of(refusal.Value),
        };
    }

    private static Problem Of(TemplateRefusal refusal) => refusal switch
    {
        TemplateRefusal.Unknown => Refusals.TemplateUnknown,
        TemplateRefusal.BusinessUnknown => Refusals.BusinessUnknown,
        TemplateRefusal.Status => new(409, "template_not_pending", "Only a pending template can be reviewed."),
        TemplateRefusal.CategoryFixed => new(409, "template_category_fixed", "category: the category of a template that was approved is fixed."),
        TemplateRefusal.Lint or TemplateRefusal.Exists or TemplateRefusal.NameLocked or TemplateRefusal.TooMany or TemplateRefusal.CreatedTooOften
            or TemplateRefusal.EditedTooOften or TemplateRefusal.PauseRuns =>
            throw new InvalidOperationException($"A review can't be refused with {refusal}."),
    };

    /// <summary>The grain behind a template's id; null when there is none.</summary>
    private static async Task<ITemplateGrain?> FindAsync(long template, IGrainFactory grains) =>
        await grains.GetGrain<ILedgerGrain>(0).TemplateAsync(template) is { } line ? grains.GetGrain<ITemplateGrain>(line.Business, line.Name, null) : null;

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
