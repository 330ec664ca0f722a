using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Actors.Contracts;
using Actors.Policy;
using Actors.Policy.Analytics;
using Actors.Policy.Templates;

namespace Actors.Api.Graph.Management;

/// <summary><c>/{business}/template_analytics</c>: what became of templates, by day of UTC.</summary>
internal sealed class TemplateAnalyticsEdge(IGrainFactory grains)
{
    /// <summary>Each event counts on the day on which it happened, whenever its message was sent.</summary>
    public async ValueTask<GraphError?> GetAsync(HttpContext context, long business)
    {
        var ledger = grains.GetGrain<ILedgerGrain>(0);
        if (TemplateAnalyticsQuery.TryRead(context.Request.Query, business, (await ledger.TimeAsync()).Now, out var asked) is { } fault)
        {
            return fault;
        }

        var templates = new Dictionary<long, TemplateContent>();
        foreach (var id in asked.Templates)
        {
            if (await FindAsync(ledger, business, id) is not { } content)
            {
                return GraphError.Invalid($"template_ids: the business has no template {BusinessNode.Text(id)}");
            }

            templates.Add(id, content);
        }

        var view = await ledger.AnalyticsAsync(new AnalyticsAsk(business, asked.Templates, asked.From, asked.To, ByDay: true));
        return await GraphReply.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("data");
            writer.WriteStartObject();
            writer.WriteString("granularity", "DAILY");
            writer.WriteString("product_type", "cloud_api");
            writer.WriteStartArray("data_points");
            foreach (var period in view.Periods)
            {
                Write(writer, asked, period, templates[period.Template]);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();

            // Ten templates on 90 days fit into one page.
            writer.WriteStartObject("paging");
            writer.WriteStartObject("cursors");
            writer.WriteString("before", "MA");
            writer.WriteString("after", "MA");
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private async ValueTask<TemplateContent?> FindAsync(ILedgerGrain ledger, long business, long id)
    {
        if (await ledger.TemplateAsync(id) is not { } line || line.Business != business)
        {
            return null;
        }

        // Deleted ones, too: what was sent of them is counted.
        var grain = grains.GetGrain<ITemplateGrain>(business, line.Name);
        return (await grain.GetAsync()).Where(view => view.Id == id).Select(view => view.Content).FirstOrDefault()
            ?? TemplateVersion.At(await grain.VersionsAsync(), id, line.At)
            ?? new TemplateContent { Name = line.Name, Language = line.Language, Category = Category.Utility, Body = "" };
    }

    private static void Write(Utf8JsonWriter writer, in TemplateAnalyticsQuery asked, AnalyticsPeriod period, TemplateContent template)
    {
        writer.WriteStartObject();
        writer.WriteString("template_id", BusinessNode.Text(period.Template));
        writer.WriteNumber("start", period.Start.Milliseconds / 1_000);
        writer.WriteNumber("end", period.End.Milliseconds / 1_000);
        foreach (var (metric, name, measure) in new[]
        {
            (TemplateMetrics.Sent, "sent", Measure.Sent),
            (TemplateMetrics.Delivered, "delivered", Measure.Delivered),
            (TemplateMetrics.Read, "read", Measure.Read),
        })
        {
            if (asked.Metrics.HasFlag(metric))
            {
                writer.WriteNumber(name, period.Count(measure));
            }
        }

        if (asked.Metrics.HasFlag(TemplateMetrics.Clicked) && template.Category is Category.Marketing or Category.Utility)
        {
            WriteClicks(writer, period, template);
        }

        writer.WriteEndObject();
    }

    private static void WriteClicks(Utf8JsonWriter writer, AnalyticsPeriod period, TemplateContent template)
    {
        writer.WriteStartArray("clicked");
        for (var button = 0; button < template.Buttons.Length; button++)
        {
            var type = template.Buttons[button].Type switch
            {
                ButtonType.QuickReply => "quick_reply_button",
                ButtonType.Url => "url_button",
                ButtonType.PhoneNumber or ButtonType.CopyCode or ButtonType.Otp => null,
            };
            if (type is not null)
            {
                writer.WriteStartObject();
                writer.WriteString("type", type);
                writer.WriteString("button_content", template.Buttons[button].Text);
                writer.WriteNumber("count", period.Count(Measure.Clicked, (short)button));
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }
}

/// <summary>What a call wants to know of templates.</summary>
[Flags]
internal enum TemplateMetrics
{
    None = 0,
    Sent = 1,
    Delivered = 2,
    Read = 4,
    Clicked = 8,
    All = Sent | Delivered | Read | Clicked,
}

/// <summary>The query of <c>template_analytics</c>.</summary>
/// <param name="Templates">1 to 10, without repetition.</param>
/// <param name="From">The first midnight.</param>
/// <param name="To">The midnight behind the last day.</param>
/// <param name="Metrics">What of them.</param>
internal readonly record struct TemplateAnalyticsQuery(ImmutableArray<long> Templates, Instant From, Instant To, TemplateMetrics Metrics)
{
    private const int TemplatesMax = 10, DaysMax = 90;

    /// <summary>Reads a query; a fault names what is wrong.</summary>
    public static GraphError? TryRead(IQueryCollection query, long business, Instant now, out TemplateAnalyticsQuery asked)
    {
        asked = default;
        if (DayOf(query["start"]) is not { } from)
        {
            return GraphError.Invalid("start: it is required and must be Unix seconds or a date such as 2026-11-22");
        }

        if (DayOf(query["end"]) is not { } last)
        {
            return GraphError.Invalid("end: it is required and must be Unix seconds or a date such as 2026-11-22");
        }

        if (last < from)
        {
            return GraphError.Invalid("end: it must not be before start");
        }

        // Both days are meant: an end in the middle of a day stands for that day.
        var to = last.NextMidnight;
        if (from < HalfHour.Of(now - TimeSpan.FromDays(DaysMax)).Midnight || to.Number - from.Number > (DaysMax + 1) * HalfHour.PerDay)
        {
            return GraphError.Invalid($"start: it must be at most {DaysMax} days back, and at most {DaysMax} days before end");
        }

        if (!"DAILY".Equals(query["granularity"], StringComparison.OrdinalIgnoreCase))
        {
            return GraphError.Invalid("granularity: it is required and must be DAILY");
        }

        if (query["product_type"] is [{ Length: > 0 } product] && !product.Equals("CLOUD_API", StringComparison.OrdinalIgnoreCase))
        {
            return GraphError.Invalid("product_type: it must be CLOUD_API");
        }

        var ids = ImmutableArray.CreateBuilder<long>();
        foreach (var text in ItemsOf(query["template_ids"]))
        {
            if (!GraphPath.TryReadId(text, out var id) || Ids.KindOf(id) != IdKind.Template || Ids.BusinessOf(id) != business)
            {
                return GraphError.Invalid("template_ids: they must be ids of templates of this business");
            }

            if (!ids.Contains(id))
            {
                ids.Add(id);
            }
        }

        if (ids.Count is 0 or > TemplatesMax)
        {
            return GraphError.Invalid($"template_ids: it is required and must have 1 to {TemplatesMax} ids");
        }

        if (MetricsOf(query["metric_types"]) is not { } metrics)
        {
            return GraphError.Invalid("metric_types: they must be out of SENT, DELIVERED, READ, CLICKED, COST");
        }

        asked = new TemplateAnalyticsQuery(ids.DrainToImmutable(), from.Start, to.Start, metrics);
        return null;
    }

    private static HalfHour? DayOf(string? text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return HalfHour.Of(new Instant(seconds * 1_000)).Midnight;
        }

        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year >= 1970
            ? HalfHour.Of(Instant.From(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)))
            : null;
    }

    /// <summary>COST is taken and gives nothing: nothing costs anything here.</summary>
    private static TemplateMetrics? MetricsOf(IEnumerable<string?> values)
    {
        var metrics = TemplateMetrics.None;
        var isAny = false;
        foreach (var text in ItemsOf(values))
        {
            isAny = true;
            switch (text.ToUpperInvariant())
            {
                case "SENT":
                    metrics |= TemplateMetrics.Sent;
                    break;
                case "DELIVERED":
                    metrics |= TemplateMetrics.Delivered;
                    break;
                case "READ":
                    metrics |= TemplateMetrics.Read;
                    break;
                case "CLICKED":
                    metrics |= TemplateMetrics.Clicked;
                    break;
                case "COST":
                    break;
                default:
                    return null;
            }
        }

        return isAny ? metrics : TemplateMetrics.All;
    }

    /// <summary>Items as clients write lists: <c>[1,2]</c>, <c>["1","2"]</c>, <c>1,2</c>, or one parameter for each.</summary>
    private static IEnumerable<string> ItemsOf(IEnumerable<string?> values) => values
        .SelectMany(value => (value ?? "").Trim().TrimStart('[').TrimEnd(']').Split(','))
        .Select(item => item.Trim().Trim('"', '\'')).Where(item => item.Length > 0);
}
