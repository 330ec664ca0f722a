using System.Globalization;
using Actors.Api.Auth;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>A page of the audit.</summary>
/// <param name="Entries">In order.</param>
/// <param name="Next">The cursor for <c>after</c>.</param>
internal sealed record AuditResponse(IReadOnlyList<AuditShape> Entries, string Next);

/// <summary>Who did what, when.</summary>
/// <param name="Seq">Its place: ascending, with gaps.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Role and name, such as operator:ann.</param>
/// <param name="Action">What.</param>
/// <param name="Business">The business concerned.</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Note">Why.</param>
internal sealed record AuditShape(long Seq, string At, string Actor, string Action, string? Business, string Target, string? Note);

/// <summary>Operators read what was done by whom.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/audit", ListAsync).AllowOperator().WithTags("Audit").WithName("ListAudit")
            .WithSummary("Who did what, when, in order").TakesPage().Produces<AuditResponse>().ProducesProblems(400);

    private static async Task<IResult> ListAsync(HttpRequest request, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Audit, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var after = page.After ?? 0;
        var lines = await grains.GetGrain<ILedgerGrain>(0).AuditAsync(after, page.Limit);
        return TypedResults.Ok(new AuditResponse(
            [.. lines.Select(Render)], Cursor.Encode(CursorKind.Audit, lines.IsEmpty ? after : lines[^1].Seq)));
    }

    private static AuditShape Render(AuditLine line) => new(
        line.Seq,
        line.At.ToString(),
        line.Actor,
        line.Action,
        line.Business == 0 ? null : line.Business.ToString(CultureInfo.InvariantCulture),
        line.Target,
        line.Note.Length == 0 ? null : line.Note);
}
