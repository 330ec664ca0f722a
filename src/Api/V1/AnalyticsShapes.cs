using System.Globalization;
using System.Text.Json.Serialization;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Sends;

namespace Actors.Api.V1;

/// <summary>What happened to a business's messages, by half hour or day.</summary>
/// <param name="Business">The business's id.</param>
/// <param name="Template">The template that all of it is about; missing where it is everything of the business.</param>
/// <param name="Granularity">half_hour or day; days are days of UTC.</param>
/// <param name="ClosedUntil">Everything that happened before this is counted for good.</param>
/// <param name="ShownFromPeople">interested, not_interested, blocked and reported are shown from so many different people on.</param>
/// <param name="Periods">One for each period, oldest first, also where nothing happened.</param>
/// <param name="Next">The cursor for <c>after</c>; missing at the end.</param>
internal sealed record AnalyticsResponse(
    string Business,
    AnalyticsTemplateShape? Template,
    string Granularity,
    string ClosedUntil,
    int ShownFromPeople,
    IReadOnlyList<AnalyticsPeriodShape> Periods,
    string? Next);

/// <summary>Which template.</summary>
internal sealed record AnalyticsTemplateShape(string Id, string Name, string Language);

/// <summary>What happened in one period. Each event counts when it happened, whenever its message was sent.</summary>
/// <param name="Start">From this on.</param>
/// <param name="End">Up to, and without, this.</param>
/// <param name="Sent">Messages accepted.</param>
/// <param name="Delivered">Messages that reached a device.</param>
/// <param name="Read">Messages read.</param>
/// <param name="ReadRate">Read by delivered; missing where none was delivered.</param>
/// <param name="Failed">Messages that failed.</param>
/// <param name="Expired">Messages not delivered in time.</param>
/// <param name="Clicked">Clicks on buttons.</param>
/// <param name="Received">Messages of users.</param>
/// <param name="Replied">
/// Answers of users: their first message after one of the business. Of a template those that name a message of it, and those that name none and came after it.
/// </param>
/// <param name="Opened">Conversations opened, which count against the messaging limit.</param>
/// <param name="Interested">How often users said so; missing where too few did.</param>
/// <param name="NotInterested">How often users said so; missing where too few did.</param>
/// <param name="Blocked">How often users blocked the business; missing where too few did.</param>
/// <param name="Reported">How often users reported the business; missing where too few did.</param>
/// <param name="Categories">Sent, delivered and read by category, without categories of which nothing was.</param>
/// <param name="Refused">Sends refused, by reason, without reasons that none was refused for; of a template those that named it.</param>
/// <param name="BusinessResponse">How long the business took to answer users; missing where it answered none.</param>
/// <param name="UserResponse">How long users took to answer the business; missing where none did.</param>
internal sealed record AnalyticsPeriodShape(
    string Start,
    string End,
    long Sent,
    long Delivered,
    long Read,
    double? ReadRate,
    long Failed,
    long Expired,
    long Clicked,
    long Received,
    long Replied,
    long Opened,
    long? Interested,
    long? NotInterested,
    long? Blocked,
    long? Reported,
    IReadOnlyDictionary<string, AnalyticsCategoryShape> Categories,
    IReadOnlyDictionary<string, long> Refused,
    ResponseShape? BusinessResponse,
    ResponseShape? UserResponse)
{
    /// <summary>Every category.</summary>
    public static IReadOnlyList<Category> AllCategories { get; } = Enum.GetValues<Category>();

    /// <summary>Every reason that a business may hear.</summary>
    public static IReadOnlyList<Reason> PublicReasons { get; } =
        [.. Enum.GetValues<Reason>().Where(reason => reason is not (Reason.Undecided or Reason.MarketingRests) && SendGate.PublicReason(reason, []) == reason)];

    public static AnalyticsPeriodShape From(AnalyticsPeriod period)
    {
        var (delivered, read) = (period.Count(Measure.Delivered), period.Count(Measure.Read));
        return new AnalyticsPeriodShape(
            period.Start.ToString(),
            period.End.ToString(),
            period.Count(Measure.Sent),
            delivered,
            read,
            delivered == 0 ? null : Math.Round((double)read / delivered, 4),
            period.Count(Measure.Failed),
            period.Count(Measure.Expired),
            period.Count(Measure.Clicked),
            period.Count(Measure.Received),
            period.Count(Measure.Replied),
            period.Count(Measure.Opened),
            period.Count(Opinion.Interested),
            period.Count(Opinion.NotInterested),
            period.Count(Opinion.Blocked),
            period.Count(Opinion.Reported),
            AllCategories.Select(category => (category, Shape: AnalyticsCategoryShape.From(period, category)))
                .Where(one => one.Shape is not { Sent: 0, Delivered: 0, Read: 0 }).ToDictionary(one => Words.Of(one.category), one => one.Shape),
            PublicReasons.Select(reason => (reason, Count: period.Count(Measure.Refused, (short)reason)))
                .Where(one => one.Count > 0).ToDictionary(one => TraceJson.Name(one.reason.ToString()), one => one.Count),
            ResponseShape.From(period.BusinessResponse),
            ResponseShape.From(period.UserResponse));
    }
}

/// <summary>What happened to messages of one category.</summary>
internal sealed record AnalyticsCategoryShape(long Sent, long Delivered, long Read)
{
    public static AnalyticsCategoryShape From(AnalyticsPeriod period, Category category) => new(
        period.Count(Measure.Sent, (short)category), period.Count(Measure.Delivered, (short)category), period.Count(Measure.Read, (short)category));
}

/// <summary>How long answers took, at most 5 % off.</summary>
/// <param name="Count">Of how many.</param>
/// <param name="MedianSeconds">Half of them took at most so long.</param>
/// <param name="P95Seconds">Of 20 of them 19 took at most so long.</param>
internal sealed record ResponseShape(long Count, double MedianSeconds, [property: JsonPropertyName("p95_seconds")] double P95Seconds)
{
    public static ResponseShape? From(ResponseView? view) => view is null ? null : new(view.Count, view.Median.TotalSeconds, view.P95.TotalSeconds);
}

/// <summary>The same as a table: comma-separated values by RFC 4180, one line for each period.</summary>
internal static class AnalyticsCsv
{
    public const string ContentType = "text/csv; charset=utf-8; header=present";

    /// <summary>The first line and one for each period. A value that isn't shown is an empty cell.</summary>
    public static string Write(AnalyticsTemplateShape? template, IEnumerable<AnalyticsPeriodShape> periods)
    {
        var csv = new Csv();
        string[] categories = [.. AnalyticsPeriodShape.AllCategories.Select(Words.Of)];
        string[] reasons = [.. AnalyticsPeriodShape.PublicReasons.Select(reason => TraceJson.Name(reason.ToString()))];
        csv.Line(
        [
            "start", "end", "template", "template_name", "template_language", "sent", "delivered", "read", "read_rate", "failed", "expired", "clicked",
            "received", "replied", "opened", "interested", "not_interested", "blocked", "reported",
            .. categories.SelectMany(category => new[] { "sent_" + category, "delivered_" + category, "read_" + category }),
            "business_responses", "business_response_median_seconds", "business_response_p95_seconds",
            "user_responses", "user_response_median_seconds", "user_response_p95_seconds",
            .. reasons.Select(reason => "refused_" + reason),
        ]);
        foreach (var p in periods)
        {
            csv.Line(
            [
                p.Start, p.End, template?.Id, template?.Name, template?.Language, Text(p.Sent), Text(p.Delivered), Text(p.Read), Text(p.ReadRate),
                Text(p.Failed), Text(p.Expired), Text(p.Clicked), Text(p.Received), Text(p.Replied), Text(p.Opened), Text(p.Interested),
                Text(p.NotInterested), Text(p.Blocked), Text(p.Reported),
                .. categories.Select(category => p.Categories.GetValueOrDefault(category))
                    .SelectMany(one => new[] { Text(one?.Sent ?? 0), Text(one?.Delivered ?? 0), Text(one?.Read ?? 0) }),
                .. Response(p.BusinessResponse), .. Response(p.UserResponse),
                .. reasons.Select(reason => Text(p.Refused.GetValueOrDefault(reason))),
            ]);
        }

        return csv.ToString();
    }

    private static string?[] Response(ResponseShape? response) => [Text(response?.Count ?? 0), Text(response?.MedianSeconds), Text(response?.P95Seconds)];

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Text(double? number) => number?.ToString(CultureInfo.InvariantCulture);
}
