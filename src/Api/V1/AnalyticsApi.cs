using System.Globalization;
using Actors.Api.Auth;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Analytics;
using Microsoft.AspNetCore.Http.Extensions;

namespace Actors.Api.V1;

/// <summary>What happened to a business's messages, by half hour or day.</summary>
internal static class AnalyticsApi
{
    /// <summary>Most days of one call, and so many back.</summary>
    public const int DaysMax = 90;

    public static void MapAnalytics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/businesses/{business}/analytics", GetAsync).AllowBusiness(Scopes.Read).AllowOperator().LimitManagement()
            .WithTags("Analytics").WithName("GetAnalytics").WithSummary("What happened to a business's messages, by half hour or day, also as CSV")
            .WithDescription(
                "from and to are RFC 3339 times and are widened to whole periods, at most 90 days and at most 90 days back; left out, to is now and from a "
                + "day (half_hour) or 30 days (day) before. granularity is half_hour or day (the default); days are days of UTC. template is the id of one "
                + "template. Each event counts in the period in which it happened. With Accept: text/csv the same is a table; where there are more periods "
                + "than limit, the header Link leads on.\n\ninterested, not_interested, blocked and reported are shown of closed periods only, from 10 "
                + "different people on, and in no sum otherwise: so a day may have fewer than were said, and the half hours and templates of a day add up "
                + "to less.")
            .TakesPage("from", "to", "granularity", "template").Produces<AnalyticsResponse>(200, "application/json", "text/csv")
            .ProducesProblems(400, 404, 429);

    private static async Task<IResult> GetAsync(HttpContext context, long business, IGrainFactory grains)
    {
        var ledger = grains.GetGrain<ILedgerGrain>(0);
        var checks = new Checks();
        var query = context.Request.Query;
        var page = Page.Read(query, CursorKind.Analytics, checks, "from", "to", "granularity", "template");
        var byDay = ByDay(query["granularity"], checks);
        var template = TemplateOf(query["template"], business, checks);
        var now = (await ledger.TimeAsync()).Now;
        var to = (string?)query["to"] is { } end ? checks.Time("to", end) : now;
        var from = (string?)query["from"] is { } start ? checks.Time("from", start) : to - TimeSpan.FromDays(byDay ? 30 : 1);
        Span(from, to, now, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        AnalyticsTemplateShape? named = null;
        if (template != 0)
        {
            if (await ledger.TemplateAsync(template) is not { } line)
            {
                return Refusals.TemplateUnknown;
            }

            named = new AnalyticsTemplateShape(line.Id.ToString(CultureInfo.InvariantCulture), line.Name, line.Language);
        }
        else if (await grains.GetGrain<IBusinessGrain>(business).GetAsync() is null)
        {
            return Refusals.BusinessUnknown;
        }

        var (first, behind, last) = Periods(from, to, byDay, page);
        var view = await ledger.AnalyticsAsync(new AnalyticsAsk(business, [template], first.Start, behind.Start, byDay));
        var next = behind < last ? Cursor.Encode(CursorKind.Analytics, behind.Number) : null;
        AnalyticsPeriodShape[] periods = [.. view.Periods.Select(AnalyticsPeriodShape.From)];
        if (!WantsCsv(context.Request))
        {
            return TypedResults.Ok(new AnalyticsResponse(
                business.ToString(CultureInfo.InvariantCulture),
                named,
                byDay ? "day" : "half_hour",
                view.ClosedUntil.ToString(),
                SmallGroups.FewestPeople,
                periods,
                next));
        }

        if (next is not null)
        {
            // The same span: where to or from were left out, they are what they were for this page.
            var more = new QueryBuilder(query.Where(p => p.Key is not ("after" or "from" or "to" or "access_token")))
            {
                { "from", from.ToString() }, { "to", to.ToString() }, { "after", next },
            };
            context.Response.Headers.Link = $"<{context.Request.PathBase}{context.Request.Path}{more}>; rel=\"next\"";
        }

        return TypedResults.Text(AnalyticsCsv.Write(named, periods), AnalyticsCsv.ContentType);
    }

    /// <summary>The periods of a page: the first one, the one behind the last, and the one behind all that were asked for.</summary>
    private static (HalfHour First, HalfHour Behind, HalfHour Last) Periods(Instant from, Instant to, bool byDay, Page page)
    {
        var step = byDay ? HalfHour.PerDay : 1;
        var (first, last) = (HalfHour.Of(from), HalfHour.Of(to));
        last = last.Start < to ? last.Next : last;
        if (byDay)
        {
            (first, last) = (first.Midnight, last == last.Midnight ? last : last.NextMidnight);
        }

        // A place that this list never gave leads to its beginning or its end.
        first = page.After is { } after ? new HalfHour((int)Math.Clamp(after - (after % step), first.Number, last.Number)) : first;
        var behind = new HalfHour((int)Math.Min(first.Number + ((long)page.Limit * step), last.Number));
        return (first, behind, last);
    }

    private static void Span(Instant from, Instant to, Instant now, Checks checks)
    {
        if (!checks.Hold)
        {
            return;
        }

        if (to <= from)
        {
            checks.Add("to", "it must be later than from");
        }
        else if (to - from > TimeSpan.FromDays(DaysMax))
        {
            checks.Add("to", "it must be at most 90 days after from");
        }

        if (from < HalfHour.Of(now - TimeSpan.FromDays(DaysMax)).Midnight.Start)
        {
            checks.Add("from", "it must be at most 90 days back");
        }

        if (to > now + TimeSpan.FromDays(1))
        {
            checks.Add("to", "it must be at most a day ahead");
        }
    }

    private static bool ByDay(string? granularity, Checks checks)
    {
        if (granularity is not (null or "half_hour" or "day"))
        {
            checks.Add("granularity", "it must be one of half_hour, day");
        }

        return granularity != "half_hour";
    }

    private static long TemplateOf(string? text, long business, Checks checks)
    {
        var template = 0L;
        if (text is not null && !(Checks.TryId(text, IdKind.Template, out template) && Ids.BusinessOf(template) == business))
        {
            checks.Add("template", "it must be the id of a template of this business");
            return 0;
        }

        return template;
    }

    private static bool WantsCsv(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        return Weight("text/csv") > Weight("application/json");

        double Weight(string type) => accepted.Where(one => one.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(one => one.Quality ?? 1).DefaultIfEmpty(0).Max();
    }
}
