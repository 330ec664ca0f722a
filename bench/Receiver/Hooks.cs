using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Actors.Bench.Receiver;

/// <summary>The webhooks that are added here, one for each business.</summary>
/// <param name="secret">Signatures are checked under it; null for not at all.</param>
/// <param name="checksOrder">Whether statuses are held against those that came before.</param>
internal sealed class Hooks(string? secret, bool checksOrder)
{
    private readonly byte[]? _secret = secret is null ? null : Encoding.UTF8.GetBytes(secret);
    private readonly ConcurrentDictionary<long, Hook> _hooks = [];
    private long _forged;

    /// <summary>What came so far.</summary>
    public Counts Counts()
    {
        var sum = new Counts { Forged = Interlocked.Read(ref _forged) };
        foreach (var hook in _hooks.Values)
        {
            hook.AddTo(sum);
        }

        return sum;
    }

    /// <summary>Takes a delivery.</summary>
    public async Task TakeAsync(HttpContext context)
    {
        var request = context.Request;
        var body = new MemoryStream((int)(request.ContentLength ?? 4_096));
        await request.Body.CopyToAsync(body, context.RequestAborted);
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        if (_secret is not null && !IsSigned(bytes.Span, request.Headers["X-Hub-Signature-256"].ToString()))
        {
            Interlocked.Increment(ref _forged);
            context.Response.StatusCode = 401;
            return;
        }

        var business = long.Parse(request.RouteValues["business"]!.ToString()!, CultureInfo.InvariantCulture);
        var number = long.Parse(request.Headers["X-Actors-Sequence"].ToString(), CultureInfo.InvariantCulture);
        _hooks.GetOrAdd(business, _ => new Hook(checksOrder)).Take(number, bytes.Span);
    }

    private bool IsSigned(ReadOnlySpan<byte> body, string signature)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret!, body, hash);
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes("sha256=" + Convert.ToHexStringLower(hash)));
    }
}

/// <summary>What came, and what of it was wrong.</summary>
internal sealed class Counts
{
    /// <summary>Deliveries, each number once.</summary>
    public long Deliveries { get; set; }

    /// <summary>Deliveries that came again.</summary>
    public long Repeated { get; set; }

    /// <summary>Updates in deliveries that were new.</summary>
    public long Updates { get; set; }

    /// <summary>Statuses of each word among them, and users' messages.</summary>
    public Dictionary<string, long> Kinds { get; } = [];

    /// <summary>Numbers below the highest that didn't come: while deliveries are under way there are some.</summary>
    public long Missing { get; set; }

    /// <summary>Statuses that came before an earlier one of their message.</summary>
    public long OutOfOrder { get; set; }

    /// <summary>Deliveries with a wrong signature.</summary>
    public long Forged { get; set; }
}

[JsonSerializable(typeof(Counts))]
internal sealed partial class ReceiverJson : JsonSerializerContext;
