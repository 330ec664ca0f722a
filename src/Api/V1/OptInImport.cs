using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Actors.Api.Auth;
using Actors.Api.Json;
using Actors.Contracts;
using Actors.Policy.Users;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Actors.Api.V1;

/// <summary>How one line of an import ended.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Ok">Whether it is recorded.</param>
/// <param name="Changed">Where it is: false when it already was so.</param>
/// <param name="Code">Where it isn't: why, as in the errors of single calls.</param>
/// <param name="Detail">Where it isn't: what would be right.</param>
internal sealed record OptInLineResult(int Line, bool Ok, bool? Changed, string? Code, string? Detail);

/// <summary>
/// Many opt-ins in one body of lines. Read whole before the first is recorded, so that a body that breaks off or is too large records nothing.
/// </summary>
internal sealed class OptInImport(IGrainFactory grains)
{
    public const string ContentType = "application/x-ndjson";
    public const int BytesMax = 32 * 1024 * 1024;
    public const int LineBytesMax = 4 * 1024;

    private const int AtOnce = 8;         // bodies in memory; one of each business, so that nobody takes all places
    private const int LinesAtOnce = 512;  // between two flushes of the answer
    private const int CallsAtOnce = 64;   // of one import, so that it leaves room for sends
    private static readonly MinDataRate Pace = new(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(10));
    private readonly ConcurrentDictionary<long, bool> _running = new();

    public static bool IsLines(string? contentType) => JsonBody.IsUtf8(contentType, ContentType);

    /// <summary>Reads the body, records its lines and answers each.</summary>
    public async Task<IResult> RunAsync(HttpContext context, long business)
    {
        // A little more than is taken, so that the server lets us say ourselves what is too much.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = BytesMax + (1024 * 1024);
        }

        if (context.Request.ContentLength > BytesMax)
        {
            return Problems.TooLarge(BytesMax);
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
        {
            pace.MinDataRate = Pace;   // who sends slower holds a place for nothing
        }

        if (_running.Count >= AtOnce || !_running.TryAdd(business, true))
        {
            return Problems.Overloaded;
        }

        try
        {
            var body = await ReadAsync(context);
            if (body is null)
            {
                return Problems.TooLarge(BytesMax);
            }

            context.Response.ContentType = ContentType;
            foreach (var lines in JsonLines.Split(body.WrittenMemory).Chunk(LinesAtOnce))
            {
                await WriteAsync(context, await RecordAsync(business, lines, context.RequestAborted));
            }

            return Results.Empty;
        }
        finally
        {
            _running.TryRemove(business, out _);
        }
    }

    private static async Task<ArrayBufferWriter<byte>?> ReadAsync(HttpContext context)
    {
        var body = new ArrayBufferWriter<byte>((int)Math.Max(context.Request.ContentLength ?? 0, 64 * 1024));
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (body.WrittenCount + read.Buffer.Length > BytesMax)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            foreach (var part in read.Buffer)
            {
                body.Write(part.Span);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return body;
            }
        }
    }

    /// <summary>Users at the same time, the lines of one user in their order.</summary>
    private async Task<OptInLineResult[]> RecordAsync(long business, JsonLine[] lines, CancellationToken cancellationToken)
    {
        var results = new OptInLineResult[lines.Length];
        var byUser = new Dictionary<long, List<(int Index, OptIn OptIn)>>();
        var parsed = Array.ConvertAll(lines, line => Parse(line, business));
        var (room, full) = await RoomAsync(business, parsed.Count(line => line.Problem is null));
        for (var i = 0; i < lines.Length; i++)
        {
            var (problem, user, optIn) = parsed[i];
            if (problem is not null)
            {
                results[i] = Refused(lines[i], problem);
            }
            else if (room-- <= 0)
            {
                results[i] = Refused(lines[i], full);
            }
            else if (byUser.TryGetValue(user, out var more))
            {
                more.Add((i, optIn!));
            }
            else
            {
                byUser.Add(user, [(i, optIn!)]);
            }
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(byUser, options, async (one, _) =>
        {
            var user = grains.GetGrain<IUserGrain>(one.Key);
            foreach (var (index, optIn) in one.Value)
            {
                results[index] = await RecordAsync(user, lines[index], optIn);
            }
        });
        return results;
    }

    /// <summary>
    /// How many of these lines may be recorded today, and what the others hear. A line counts once it is well-formed, whatever becomes of it.
    /// </summary>
    private async Task<(int Room, Problem Full)> RoomAsync(long business, int lines)
    {
        var full = new Problem(429, "imports_used_up", "The opt-ins that may be imported in 24 hours are used up; their number follows the messaging limit.");
        if (lines == 0)
        {
            return (0, full);
        }

        try
        {
            var reply = await grains.GetGrain<ILimitGrain>(business).ImportAsync(lines);
            return (reply.Taken, reply.RetryAt is { } at ? full with { Detail = $"{full.Detail} The next can be imported from {at} on." } : full);
        }
        catch (Exception e) when (Failures.IsOutage(e))
        {
            return (0, Failures.ProblemOf(e));
        }
    }

    private static async Task<OptInLineResult> RecordAsync(IUserGrain user, JsonLine line, OptIn optIn)
    {
        try
        {
            var reply = await user.OptInAsync(optIn);
            return reply.Refusal is { } refusal
                ? Refused(line, Refusals.Of(refusal, CallerRole.Business))
                : new OptInLineResult(line.Number, true, reply.Changed, null, null);
        }
        catch (Exception e) when (Failures.IsOutage(e))
        {
            return Refused(line, Failures.ProblemOf(e));
        }
    }

    private static (Problem? Problem, long User, OptIn? OptIn) Parse(JsonLine line, long business)
    {
        if (line.Bytes.Length > LineBytesMax)
        {
            return (new Problem(413, "line_too_long", "A line has at most 4096 bytes."), 0, null);
        }

        var (request, problem) = JsonBody.Parse(line.Bytes, V1Json.Strict.OptInRequest);
        if (request is null)
        {
            return (problem, 0, null);
        }

        var checks = new Checks();
        var (user, optIn) = OptInsApi.Check(request, business, checks);
        return checks.Hold ? (null, user, optIn) : (Refusals.Of(checks), 0, null);
    }

    private static OptInLineResult Refused(JsonLine line, Problem problem) => new(line.Number, false, null, problem.Code, problem.Detail);

    private static async Task WriteAsync(HttpContext context, OptInLineResult[] results)
    {
        var writer = context.Response.BodyWriter;
        foreach (var result in results)
        {
            writer.Write(JsonSerializer.SerializeToUtf8Bytes(result, V1Json.Strict.OptInLineResult));
            writer.Write("\n"u8);
        }

        await writer.FlushAsync(context.RequestAborted);
    }
}
