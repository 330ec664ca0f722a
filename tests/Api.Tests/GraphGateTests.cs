using System.Text;
using Actors.Api.Graph;
using Actors.Api.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Actors.Api.Tests;

/// <summary>What happens before a call is looked at.</summary>
public sealed class GraphGateTests
{
    [Fact]
    public async Task Beyond_the_bound_the_answer_is_503_at_once_and_watching_goes_on()
    {
        var gate = new InFlightGate(1, new RequestTimes());
        var underWay = new TaskCompletionSource();
        var first = gate.PassAsync(Context("/1/messages"), _ => underWay.Task);

        var graph = Context("/v24.0/1/messages");
        var v1 = Context("/v1/audit");
        var health = Context("/health/ready");
        var passed = 0;
        Task Pass(HttpContext context)
        {
            passed++;
            return Task.CompletedTask;
        }

        foreach (var context in new[] { graph, v1, health })
        {
            await gate.PassAsync(context, Pass);
        }

        Assert.Equal(1, passed);
        Assert.Equal((503, "1"), (graph.Response.StatusCode, graph.Response.Headers.RetryAfter.ToString()));
        Assert.Contains("\"code\":2,", Body(graph), StringComparison.Ordinal);
        Assert.Equal((503, "1"), (v1.Response.StatusCode, v1.Response.Headers.RetryAfter.ToString()));
        Assert.Contains("\"code\":\"overloaded\"", Body(v1), StringComparison.Ordinal);
        Assert.Equal((1, 2), (gate.InFlight, gate.Refused));

        // The prepared refusals say what the errors say.
        var (slowGraph, slowV1) = (Anew(graph), Anew(v1));
        await GraphError.Overloaded.WriteAsync(slowGraph);
        await Problems.Overloaded.ExecuteAsync(slowV1);
        Assert.Equal((Body(slowGraph), Headers(slowGraph)), (Body(graph), Headers(graph)));
        Assert.Equal((Body(slowV1), Headers(slowV1)), (Body(v1), Headers(v1)));

        underWay.SetResult();
        await first;
        await gate.PassAsync(Context("/1/messages"), Pass);
        Assert.Equal((2, 0), (passed, gate.InFlight));
    }

    [Theory]
    [InlineData("/1/messages", "Graph")]
    [InlineData("/v24.0/1/messages", "Graph")]
    [InlineData("/v1.0/1", "Graph")]
    [InlineData("/v10/1", "Graph")]
    [InlineData("/v1", "V1")]
    [InlineData("/v1/audit", "V1")]
    [InlineData("/V1/audit", "V1")]
    [InlineData("/", "Operations")]
    [InlineData("", "Operations")]
    [InlineData("/health/live", "Operations")]
    [InlineData("/metrics", "Operations")]
    [InlineData("/openapi/v1.json", "Operations")]
    [InlineData("/docs", "Operations")]
    [InlineData("/healthy", "Graph")]
    public void The_first_segment_tells_the_families_apart(string path, string family) => Assert.Equal(family, $"{Families.Of(path)}");

    [Theory]
    [InlineData("/v24.0/2000000001000000/messages", true)]
    [InlineData("/2000000001000000/messages", true)]
    [InlineData("/2000000001000000/messages/", true)]
    [InlineData("/v24/2000000001000000", true)]
    [InlineData("/v24./2000000001000000", false)]
    [InlineData("/v.1/2000000001000000", false)]
    [InlineData("/v24.0.1/2000000001000000", false)]
    [InlineData("/v/2000000001000000", false)]
    [InlineData("/02000000001000000/messages", false)]
    [InlineData("/-1/messages", false)]
    [InlineData("/9007199254740992", false)]
    [InlineData("/9007199254740991", true)]
    [InlineData("/2000000001000000/Messages", false)]
    [InlineData("/2000000001000000/messages/x", false)]
    [InlineData("//messages", false)]
    [InlineData("/", false)]
    public void A_path_is_an_id_between_a_version_and_an_edge(string path, bool good) => Assert.Equal(good, GraphPath.TryParse(path, out _));

    [Theory]
    [InlineData("4915112345678", 4_915_112_345_678)]
    [InlineData("+49 (151) 123-45678", 4_915_112_345_678)]
    [InlineData("1234567", 1_234_567L)]
    [InlineData("123456789012345", 123_456_789_012_345)]
    [InlineData("0049151123456", null)]
    [InlineData("123456", null)]
    [InlineData("1234567890123456", null)]
    [InlineData("49+15112345678", null)]
    [InlineData("++4915112345678", null)]
    [InlineData("4915112345678x", null)]
    [InlineData("٤٩١٥١١٢٣٤٥٦٧٨", null)]
    [InlineData("", null)]
    public void A_phone_number_is_its_digits(string text, long? number) =>
        Assert.Equal(number, PhoneDigits.TryParse(text, out var parsed) ? parsed : null);

    private static DefaultHttpContext Context(string path)
    {
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider() };
        context.Request.Path = path;
        context.Response.Body = new MemoryStream();
        return context;
    }

    /// <summary>The same request again.</summary>
    private static DefaultHttpContext Anew(DefaultHttpContext answered)
    {
        var context = Context(answered.Request.Path);
        context.TraceIdentifier = answered.TraceIdentifier;
        return context;
    }

    private static string Headers(DefaultHttpContext context) => string.Join('\n', context.Response.Headers.Select(h => $"{h.Key}: {h.Value}").Order());

    private static string Body(DefaultHttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
}
