using System.Text;
using Actors.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Actors.Api.Tests;

/// <summary>What a caller hears when something fails below.</summary>
public sealed class GraphFailureTests
{
    public static TheoryData<Exception, string> Outages => new()
    {
        { new OutageException(OutageKind.Overloaded, "x"), "overloaded" },
        { new OutageException(OutageKind.Unavailable, "x"), "unavailable" },
        { new OutageException(OutageKind.Unknown, "x"), "outcome_unknown" },
        { new TimeoutException("x"), "outcome_unknown" },
        { new OperationCanceledException("x"), "outcome_unknown" },
        { new Orleans.Runtime.SiloUnavailableException("x"), "outcome_unknown" },
    };

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task An_outage_is_503_and_says_whether_it_may_have_been_done(Exception outage, string code)
    {
        var v1 = await AnswerAsync("/v1/audit", outage);
        var graph = await AnswerAsync("/v24.0/1/messages", outage);

        Assert.Equal((503, "1"), (v1.Status, v1.RetryAfter));
        Assert.Contains($"\"code\":\"{code}\"", v1.Body, StringComparison.Ordinal);
        Assert.Equal((503, "1"), (graph.Status, graph.RetryAfter));
        Assert.Contains("\"code\":2,", graph.Body, StringComparison.Ordinal);
        Assert.Equal(code == "outcome_unknown", graph.Body.Contains("may or may not", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v1/audit", "internal_error")]
    [InlineData("/v24.0/1/messages", "131000")]
    public async Task A_defect_is_500_with_nothing_but_a_trace_id(string path, string code)
    {
        var (status, body, _) = await AnswerAsync(path, new InvalidOperationException("+49 151 12345678 said hello"));

        Assert.Equal(500, status);
        Assert.Contains(code, body, StringComparison.Ordinal);
        Assert.Contains("trace_id\":\"trace-1\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("12345678", body, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Body, string RetryAfter)> AnswerAsync(string path, Exception failure)
    {
        var services = new ServiceCollection().AddSingleton(TimeProvider.System).AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        var context = new DefaultHttpContext { RequestServices = services.BuildServiceProvider(), TraceIdentifier = "trace-1" };
        context.Request.Path = path;
        context.Response.Body = new MemoryStream();

        await Failures.HandleAsync(context, _ => throw failure);

        var body = Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
        return (context.Response.StatusCode, body, context.Response.Headers.RetryAfter.ToString());
    }
}
