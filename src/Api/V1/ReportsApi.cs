using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;
using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy.Users;

namespace Actors.Api.V1;

/// <summary>A page of reports.</summary>
/// <param name="Reports">Ascending by business and reason.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end. Also where the page is empty there can be more.</param>
internal sealed record ReportsResponse(IReadOnlyList<ReportLine> Reports, string? Next);

/// <summary>How often a business was reported for one reason.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reason">What users gave as their reason.</param>
/// <param name="Today">Since the day began, in UTC.</param>
/// <param name="Last7Days">Today and the six days before.</param>
/// <param name="Last30Days">Today and the 29 days before.</param>
/// <param name="Total">All that were ever counted.</param>
/// <param name="NewestAt">When the newest came.</param>
internal sealed record ReportLine(
    string Business,
    string Name,
    string Reason,
    long Today,
    [property: JsonPropertyName("last_7_days")] long Last7Days,
    [property: JsonPropertyName("last_30_days")] long Last30Days,
    long Total,
    string NewestAt);

/// <summary>Operators see what businesses are reported for. Nothing in it tells who did.</summary>
internal static class ReportsApi
{
    /// <summary>One page asks so many businesses at the same time.</summary>
    private const int CallsAtOnce = 16;

    public static void MapReports(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/reports", ListAsync).AllowOperator().WithTags("Enforcement").WithName("ListReports")
            .WithSummary("Reports by business and reason")
            .WithDescription(
                "Goes through the businesses, limit of them at a time: a page has a line for each reason that one of them was reported for, and can be empty "
                + "while there are more: follow next to its end. Counts follow the log within about two seconds.")
            .TakesPage("business", "reason").Produces<ReportsResponse>().ProducesProblems(400);

    private static async Task<IResult> ListAsync(HttpRequest request, IGrainFactory grains)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Reports, checks, "business", "reason");
        string? word = request.Query["reason"];
        string? of = request.Query["business"];
        ComplaintReason? reason = word is null ? null : checks.Word<ComplaintReason>("reason", word);
        var business = 0L;
        if (of is not null && !Checks.TryId(of, IdKind.Business, out business))
        {
            checks.Add("business", "it must be the id of a business");
        }

        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var ledger = grains.GetGrain<ILedgerGrain>(0);
        var found = of is null
            ? await ledger.BusinessesAsync(null, page.After ?? 0, page.Limit)
            : [.. (await ledger.BusinessesAsync(null, business - 1, 1)).Where(b => b.Id == business && page.After is null)];
        var reports = new ImmutableArray<ReportView>[found.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = request.HttpContext.RequestAborted };
        await Parallel.ForAsync(0, found.Length, options, async (i, _) =>
            reports[i] = await grains.GetGrain<IBusinessGrain>(found[i].Id).ReportsAsync());
        return TypedResults.Ok(new ReportsResponse(
            [.. found.SelectMany((b, i) => reports[i].Where(r => reason is null || r.Reason == reason).Select(r => LineOf(b, r)))],
            of is not null || found.Length < page.Limit ? null : Cursor.Encode(CursorKind.Reports, found[^1].Id)));
    }

    private static ReportLine LineOf(DirectoryLine business, ReportView report) => new(
        business.Id.ToString(CultureInfo.InvariantCulture),
        business.Name,
        Words.Of(report.Reason),
        report.Today,
        report.Week,
        report.Month,
        report.Total,
        report.NewestAt.ToString());
}
