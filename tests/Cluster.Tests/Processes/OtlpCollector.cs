using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Actors.Cluster.Tests.Processes;

/// <summary>One span as it left a node.</summary>
/// <param name="Node">The node's <c>service.instance.id</c>.</param>
internal sealed record CollectedSpan(string Node, string Trace, string Id, string Parent, string Name);

/// <summary>Takes what nodes send by OTLP over HTTP, and reads of it what a test asks for.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _measured = new();
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public string Address => _app.Urls.Single();

    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    /// <summary>The nodes whose metrics came.</summary>
    public IEnumerable<string> Measured => _measured.Keys;

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.MapPost("/v1/{kind}", async (HttpContext context, string kind) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            collector.Take(kind, body.ToArray());
        });
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Export…ServiceRequest: 1 for each resource { 1 resource { 1 attributes }, 2 scope { 2 span } }.</summary>
    private void Take(string kind, ReadOnlyMemory<byte> request)
    {
        foreach (var one in Parts(request, 1))
        {
            var node = Parts(one, 1).SelectMany(resource => Parts(resource, 1)).Where(pair => Text(pair, 1) == "service.instance.id")
                .Select(pair => Text(Parts(pair, 2).Single(), 1)).Single();
            if (kind == "metrics")
            {
                _measured[node] = true;
                continue;
            }

            foreach (var span in Parts(one, 2).SelectMany(scope => Parts(scope, 2)))
            {
                _spans.Enqueue(new(node, Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5)));
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte> message, int field) => Encoding.UTF8.GetString(Parts(message, field).FirstOrDefault().Span);

    private static string Hex(ReadOnlyMemory<byte> message, int field) => Convert.ToHexStringLower(Parts(message, field).FirstOrDefault().Span);

    /// <summary>What a message of protobuf has under a field's number, where that is bytes, text or a message.</summary>
    private static List<ReadOnlyMemory<byte>> Parts(ReadOnlyMemory<byte> message, int field)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Number(message.Span, ref at);
            if ((tag & 7) != 2)
            {
                at = (tag & 7) switch { 1 => at + 8, 5 => at + 4, _ => After(message.Span, at) };
                continue;
            }

            var length = (int)Number(message.Span, ref at);
            if ((int)(tag >> 3) == field)
            {
                parts.Add(message.Slice(at, length));
            }

            at += length;
        }

        return parts;
    }

    private static int After(ReadOnlySpan<byte> message, int at)
    {
        Number(message, ref at);
        return at;
    }

    private static ulong Number(ReadOnlySpan<byte> message, ref int at)
    {
        var (number, shift) = (0UL, 0);
        byte next;
        do
        {
            next = message[at++];
            number |= (ulong)(next & 0x7f) << shift;
            shift += 7;
        }
        while (next >= 0x80);

        return number;
    }
}
