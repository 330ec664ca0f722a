using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Actors.Api.Operations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;

namespace Actors.Api.Tests.Operations;

/// <summary>A node that makes a trace of every request and sends all it knows to a collector.</summary>
public sealed class TracedNode : NodeFixture
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private WebApplication? _collector;

    /// <summary>Spans as they leave the node, scrubbed.</summary>
    public IReadOnlyCollection<Activity> Spans => _spans;

    /// <summary>Bodies that the collector got, by path.</summary>
    public ConcurrentQueue<(string Path, byte[] Body)> Received { get; } = new();

    protected override string[] Arguments =>
        ["--Telemetry:TraceShare", "1", "--Telemetry:Otlp", _collector!.Urls.Single(), "--Http:Dashboard", "true"];

    public override async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.MapPost("/{**path}", async (HttpContext context, string path) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Received.Enqueue((path, body.ToArray()));
        });
        await _collector.StartAsync();
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _collector!.StopAsync();
        await _collector.DisposeAsync();
    }

    protected override void Configure(IServiceCollection services) =>
        services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(new Watcher(_spans)));

    /// <summary>Sees what the exporter sees: it comes behind the scrubber, which is called first and changes the span itself.</summary>
    private sealed class Watcher(ConcurrentQueue<Activity> spans) : OpenTelemetry.BaseProcessor<Activity>
    {
        public override void OnEnd(Activity data) => spans.Enqueue(data);
    }
}

/// <summary>Metrics by their documents, traces from the request to the commit, and Orleans' dashboard.</summary>
public sealed partial class TelemetryTests(NodeFixture node, TracedNode traced) : IClassFixture<TracedNode>
{
    [Fact]
    public async Task A_send_is_one_trace_from_the_request_to_the_commit_and_names_nobody()
    {
        var business = await traced.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await traced.WriteAsync(user, business);
        Assert.Equal(200, (await traced.SendTextAsync(business, user)).Status);
        Assert.Equal(400, (await traced.SendTextAsync(business, NodeFixture.NewUser())).Status);

        var request = await OneAsync(span => span.DisplayName == "POST /{number}/messages" && Tag(span, "http.response.status_code") == "200");
        var trace = traced.Spans.Where(span => span.TraceId == request.TraceId).ToList();
        var commit = Assert.Single(trace, span => span.DisplayName == "ledger.commit");
        Assert.Equal(("Committed", ActivityStatusCode.Unset), (Tag(commit, "ledger.outcome"), request.Status));
        Assert.Contains(trace, span => Tag(span, "rpc.method")?.EndsWith("SendAsync", StringComparison.Ordinal) == true);
        Assert.True(IsWithin(commit, request, trace), "the commit isn't below the request");

        // What left the node, as bytes: no number of a person, no path, no header.
        await UntilAsync(() => Sent().Contains("ledger.commit", StringComparison.Ordinal));
        var sent = Sent();
        Assert.DoesNotContain(user.ToString(CultureInfo.InvariantCulture), sent, StringComparison.Ordinal);
        Assert.DoesNotContain(user.ToString("x", CultureInfo.InvariantCulture), sent, StringComparison.OrdinalIgnoreCase);   // a grain's key
        Assert.DoesNotContain(business.Number.ToString(CultureInfo.InvariantCulture), sent, StringComparison.Ordinal);
        Assert.All(traced.Spans, span => Assert.Empty(span.Events));
    }

    [Fact]
    public async Task Who_calls_neither_begins_a_trace_nor_names_it_and_what_watches_is_in_none()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/users/me/unknown");
        request.Headers.TryAddWithoutValidation("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        await traced.Http.SendAsync(request, TestContext.Current.CancellationToken);
        await traced.CallAsync("GET", "/health/live", null);
        await traced.CallAsync("GET", "/metrics", null);
        await OneAsync(span => span.Kind == ActivityKind.Server && Tag(span, "http.response.status_code") == "404");

        Assert.DoesNotContain(traced.Spans, span => span.TraceId.ToHexString() == "0af7651916cd43dd8448eb211c80319c");
        Assert.DoesNotContain(traced.Spans, span => span.DisplayName.Contains("health", StringComparison.Ordinal));
        Assert.DoesNotContain(traced.Spans, span => span.DisplayName.Contains("metrics", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Telemetry:Otlp", "collector:4318", "Telemetry:Otlp")]
    [InlineData("Telemetry:TraceShare", "2", "Telemetry:TraceShare")]
    [InlineData("Telemetry:TraceShare", "-1", "Telemetry:TraceShare")]
    [InlineData("Telemetry:TraceShare", "0.1", "Telemetry:Otlp")]   // and nowhere to send it to
    public void A_wrong_setting_is_named(string key, string value, string named)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build();
        Assert.Contains(named, Assert.Throws<InvalidOperationException>(() => TelemetrySettings.From(configuration)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_metric_of_ours_is_in_the_operators_document_and_every_one_there_is_made()
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name.StartsWith("Actors.", StringComparison.Ordinal))
            {
                made.Add(Name(instrument));
            }
        };
        listener.Start();   // hears of those, too, that the nodes have made before
        Assert.Equal(Documented().Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_metric_that_is_kept_of_Orleans_is_one_and_dashboards_ask_for_no_other()
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == "Microsoft.Orleans" && Telemetry.OfOrleans.Contains(instrument.Name))
            {
                made.Add(instrument.Name);
            }
        };
        listener.Start();
        Assert.Equal(Telemetry.OfOrleans.Order(StringComparer.Ordinal), made.Order(StringComparer.Ordinal));

        // A counter that never counted has no line: what asks for it under a wrong name would never be missed.
        var kept = made.Select(name => name.Replace('-', '_')).ToHashSet();
        var dashboards = Directory.EnumerateFiles(Path.Combine(ErrorsDocumentTests.Root, "deploy", "grafana", "dashboards"), "*.json");
        var asked = dashboards.SelectMany(file => AskedOfOrleans().Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value).ToHashSet();
        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(kept));
    }

    [Fact]
    public async Task What_is_shown_has_the_names_of_the_document_and_the_buckets_that_alerts_need()
    {
        var business = await node.NewBusinessAsync();
        var user = NodeFixture.NewUser();
        await node.WriteAsync(user, business);
        await node.SendTextAsync(business, user);
        var shown = (await node.CallAsync("GET", "/metrics", null)).Text;

        var types = ShownType().Matches(shown).Select(match => match.Groups["name"].Value).ToHashSet();
        Assert.Superset(types.Where(name => OurPrefix().IsMatch(name)).ToHashSet(), Documented());
        Assert.Contains("ledger_commit_duration_seconds_bucket{le=\"0.2\"}", shown, StringComparison.Ordinal);

        // What the values are is asked of real nodes (DashboardQueriesTests): here several share a process, and with it their instruments.
    }

    [Fact]
    public void Alerts_and_dashboards_ask_for_nothing_that_is_not_made()
    {
        var files = Directory.EnumerateFiles(Path.Combine(ErrorsDocumentTests.Root, "deploy"), "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".json", StringComparison.Ordinal) || Path.GetFileName(file) == "alerts.yml");
        var asked = files.SelectMany(file => Asked().Matches(File.ReadAllText(file))).Select(match => BucketEnd().Replace(match.Value, "")).Distinct().ToList();

        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(Documented()));
    }

    [Fact]
    public async Task The_dashboard_is_the_operators_and_shows_neither_states_nor_logs()
    {
        foreach (var path in new[] { "/orleans/", "/orleans/DashboardCounters", "/orleans/index.min.js" })
        {
            Assert.Equal(401, (await traced.CallAsync("GET", path, null)).Status);
            Assert.Equal(403, (await traced.CallAsync("GET", path, traced.TokenOf(NodeFixture.NewUser()))).Status);
            Assert.Equal(200, (int)await StatusAsync(path, "Bearer " + traced.Operator));
            Assert.Equal(200, (int)await StatusAsync(path, "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:" + traced.Operator))));
            Assert.Equal(401, (int)await StatusAsync(path, "Basic " + Convert.ToBase64String("ann:guess"u8)));
        }

        string[] hidden = ["/orleans/GrainState?grainId=1&grainType=user", "/orleans/Trace", "/orleans/Reminders", "/orleans/grainstate", "/orleans//Trace"];
        foreach (var path in hidden)
        {
            Assert.Equal(404, (int)await StatusAsync(path, "Bearer " + traced.Operator));
        }

        using var asked = new HttpRequestMessage(HttpMethod.Get, "/orleans/");
        using var answer = await traced.Http.SendAsync(asked, TestContext.Current.CancellationToken);
        Assert.StartsWith("Basic", answer.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
        Assert.NotEqual(200, (await node.CallAsync("GET", "/orleans/", node.Operator)).Status);   // off unless it is switched on
    }

    /// <summary>All that left the node of traces, as text.</summary>
    private string Sent() => string.Concat(traced.Received.Where(one => one.Path == "v1/traces").Select(one => Encoding.UTF8.GetString(one.Body)));

    private async Task<HttpStatusCode> StatusAsync(string path, string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await traced.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private async Task<Activity> OneAsync(Func<Activity, bool> which)
    {
        await UntilAsync(() => traced.Spans.Any(which));
        return traced.Spans.First(which);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static string? Tag(Activity span, string name) => Convert.ToString(span.GetTagItem(name), CultureInfo.InvariantCulture);

    private static bool IsWithin(Activity inner, Activity outer, IReadOnlyCollection<Activity> trace)
    {
        for (var at = inner; at is not null; at = trace.FirstOrDefault(span => span.SpanId == at.ParentSpanId))
        {
            if (at == outer)
            {
                return true;
            }
        }

        return false;
    }

    private static HashSet<string> Documented()
    {
        var lines = File.ReadAllLines(Path.Combine(ErrorsDocumentTests.Root, "docs", "operations.md"));
        return lines.SkipWhile(line => line != "## Metrics").TakeWhile(line => line != "## Alerts")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => InCode().Matches(line.Split('|')[1])).Select(match => match.Groups["name"].Value).ToHashSet();
    }

    /// <summary>An instrument's name in Prometheus' alphabet.</summary>
    private static string Name(Instrument instrument) => instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "")
        + (instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal) ? "_total" : "");

    [GeneratedRegex("`(?<name>[a-z_]+)`")]
    private static partial Regex InCode();

    [GeneratedRegex("^# TYPE (?<name>\\S+) ", RegexOptions.Multiline)]
    private static partial Regex ShownType();

    [GeneratedRegex("^(api|ledger|fold|analytics|webhooks|policy)_")]
    private static partial Regex OurPrefix();

    [GeneratedRegex("\\b(api|ledger|fold|analytics|webhooks|policy)_[a-z_]+\\b(?!=)")]
    private static partial Regex Asked();

    [GeneratedRegex("\\b(?<name>orleans_[a-z_]+?)(_total)?\\b")]
    private static partial Regex AskedOfOrleans();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex BucketEnd();
}
