using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>Where a business stands on the enforcement ladder.</summary>
/// <param name="Tier">0 to 6.</param>
/// <param name="Restriction">none, warning, no_marketing, window_only, nothing or locked.</param>
/// <param name="Until">When that ends by itself; missing where nothing runs or an operator has to unlock.</param>
/// <param name="TierFallsAt">When the next tier comes off if there is no strike.</param>
/// <param name="LockedAt">When an operator locked it, whatever its tier.</param>
/// <param name="Strikes">All, oldest first, those taken back among them.</param>
internal sealed record EnforcementResponse(
    int Tier, string Restriction, string? Until, string? TierFallsAt, string? LockedAt, IReadOnlyList<StrikeShape> Strikes)
{
    public static EnforcementResponse From(EnforcementView view) => new(
        view.Tier,
        Words.Of(view.Restriction),
        view.Until?.ToString(),
        view.TierFallsAt?.ToString(),
        view.LockedAt?.ToString(),
        [.. view.Strikes.Select(StrikeShape.From)]);
}

/// <summary>A strike.</summary>
/// <param name="Number">1, 2, … in the business's life.</param>
/// <param name="Cause">sustained_red, report_burst or violation.</param>
/// <param name="At">When.</param>
/// <param name="Note">What was measured, or what the operator says.</param>
/// <param name="AppealUntil">Until when, without it, an appeal can be filed.</param>
/// <param name="Appeal">The business's word against it.</param>
internal sealed record StrikeShape(int Number, string Cause, string At, string Note, string AppealUntil, AppealShape? Appeal)
{
    public static StrikeShape From(StrikeView strike) => new(
        strike.Number, Words.Of(strike.Cause), strike.At.ToString(), strike.Note, strike.AppealUntil.ToString(), AppealShape.From(strike.Appeal));
}

/// <summary>An appeal.</summary>
/// <param name="At">When it was filed.</param>
/// <param name="Text">What the business says.</param>
/// <param name="Status">FILED, UPHELD or REVERSED.</param>
/// <param name="DecidedAt">When it was decided.</param>
/// <param name="Note">What the operator says to it.</param>
internal sealed record AppealShape(string At, string Text, string Status, string? DecidedAt, string? Note)
{
    public static AppealShape? From(AppealView? appeal) => appeal is null
        ? null
        : new(appeal.At.ToString(), appeal.Text, Words.Of(appeal.Status), appeal.DecidedAt?.ToString(), appeal.Note.Length == 0 ? null : appeal.Note);
}

/// <summary>Operators enforce; a business sees where it stands.</summary>
internal static class EnforcementApi
{
    private const int NoteMax = 500;

    public static void MapEnforcement(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/businesses/{business}").WithTags("Enforcement");

        group.MapGet("/enforcement", GetAsync).AllowBusiness(Scopes.Read).AllowOperator().WithName("GetEnforcement")
            .WithSummary("Tier, strikes, restrictions, and when each ends").Produces<EnforcementResponse>().ProducesProblems(404);
        group.MapPost("/violations", RecordAsync).AllowOperator().WithName("RecordViolation")
            .WithSummary("Record a violation: a strike, which leads one tier up")
            .Accepts<ViolationRequest>("application/json").WithExample("""{"type":"scam","note":"sold what it hasn't got"}""")
            .Produces<EnforcementResponse>().ProducesProblems(400, 404);
        group.MapPost("/lock", LockAsync).AllowOperator().WithName("LockBusiness")
            .WithSummary("Lock at once: no send that arrives after the answer is accepted")
            .Accepts<LockRequest>("application/json").WithExample("""{"note":"looks taken over"}""")
            .Produces<EnforcementResponse>().ProducesProblems(400, 404);
        group.MapPost("/unlock", UnlockAsync).AllowOperator().WithName("UnlockBusiness")
            .WithSummary("Take back every lock, also the ladder's last tier")
            .Accepts<LockRequest>("application/json").WithExample("""{"note":"owner identified"}""")
            .Produces<EnforcementResponse>().ProducesProblems(400, 404);
    }

    /// <summary>A note that somebody will read later.</summary>
    public static void Note(this Checks checks, string note) => checks.Text("note", note, NoteMax, lines: true);

    private static async Task<IResult> GetAsync(long business, IGrainFactory grains) =>
        Answer(await grains.GetGrain<IBusinessGrain>(business).EnforcementAsync());

    private static async Task<IResult> RecordAsync(HttpContext context, long business, Caller caller, IGrainFactory grains)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.ViolationRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        if (request.Type.Length is < 1 or > 64 || !request.Type.All(c => char.IsAsciiLetterLower(c) || c == '_'))
        {
            checks.Add("type", "it must have 1 to 64 characters out of a-z and underscore");
        }

        checks.Note(request.Note);
        return checks.Hold
            ? Answer(await grains.GetGrain<IBusinessGrain>(business).RecordViolationAsync(request.Type, request.Note, caller.Actor))
            : Refusals.Of(checks);
    }

    private static Task<IResult> LockAsync(HttpContext context, long business, Caller caller, IGrainFactory grains) =>
        WithNoteAsync(context, note => grains.GetGrain<IBusinessGrain>(business).LockAsync(note, caller.Actor));

    private static Task<IResult> UnlockAsync(HttpContext context, long business, Caller caller, IGrainFactory grains) =>
        WithNoteAsync(context, note => grains.GetGrain<IBusinessGrain>(business).UnlockAsync(note, caller.Actor));

    private static async Task<IResult> WithNoteAsync(HttpContext context, Func<string, Task<EnforcementView?>> act)
    {
        var (request, problem) = await JsonBody.ReadAsync(context, V1Json.Strict.LockRequest);
        if (request is null)
        {
            return problem!;
        }

        var checks = new Checks();
        checks.Note(request.Note);
        return checks.Hold ? Answer(await act(request.Note)) : Refusals.Of(checks);
    }

    private static IResult Answer(EnforcementView? view) =>
        view is null ? Refusals.BusinessUnknown : TypedResults.Ok(EnforcementResponse.From(view));
}
