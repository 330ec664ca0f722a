using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Actors.Bench.Load;

/// <summary>
/// The users' devices: each accepted message is reported as delivered, and once that is answered as read, with the user's own token. One thread.
/// </summary>
/// <param name="population">Whose devices they are.</param>
/// <param name="connections">Connections that reports go over.</param>
/// <param name="host">The node's address.</param>
/// <param name="claims">Claims of some user's token.</param>
/// <param name="key">What signs tokens.</param>
/// <param name="reads">Whether anybody reads what is delivered.</param>
internal sealed class Devices(Population population, int connections, string host, JsonObject claims, string key, bool reads = true)
{
    private const int IdLength = 38;

    private readonly Queue<Report> _due = new();
    private readonly Report[] _underWay = new Report[connections];
    private readonly byte[]?[] _heads = new byte[population.Users][];
    private readonly byte[] _host = Encoding.ASCII.GetBytes(host);

    /// <summary>Reports that are still to be made.</summary>
    public int Due => _due.Count;

    /// <summary>A message was accepted: it reaches its user's device.</summary>
    /// <param name="answer">The answer to the send, with the message's id.</param>
    public void Got(int user, ReadOnlySpan<byte> answer)
    {
        // New users of a run have no device.
        if (user < population.Users)
        {
            _due.Enqueue(new Report(user, Encoding.ASCII.GetString(answer.Slice(answer.IndexOf("wamid."u8), IdLength)), IsRead: false));
        }
    }

    /// <summary>Takes the next report for a connection; false where none is due.</summary>
    public bool TryTake(int connection, out int user, out bool isRead)
    {
        var isDue = _due.TryDequeue(out var report);
        (user, isRead) = (report.User, report.IsRead);
        _underWay[connection] = report;
        return isDue;
    }

    /// <summary>Writes the report that a connection has taken.</summary>
    /// <returns>Its length.</returns>
    public int Write(int connection, Span<byte> request)
    {
        var report = _underWay[connection];
        var head = _heads[report.User] ??= Head(report.User);
        ReadOnlySpan<byte> body = report.IsRead ? "{\"status\":\"read\"}"u8 : "{\"status\":\"delivered\"}"u8;
        var to = request;
        Put(ref to, "POST /v1/users/"u8);
        population.WaId(report.User).TryFormat(to, out var digits, provider: CultureInfo.InvariantCulture);
        to = to[digits..];
        Put(ref to, "/messages/"u8);
        Encoding.ASCII.GetBytes(report.Message, to);
        to = to[IdLength..];
        Put(ref to, head);
        Put(ref to, report.IsRead ? "17\r\n\r\n"u8 : "22\r\n\r\n"u8);
        Put(ref to, body);
        return request.Length - to.Length;
    }

    /// <summary>The answer to a connection's report.</summary>
    /// <param name="isDone">False where it is to be made again.</param>
    public void Answered(int connection, bool isDone)
    {
        var report = _underWay[connection];
        if (!isDone)
        {
            _due.Enqueue(report);
        }
        else if (!report.IsRead && reads)
        {
            _due.Enqueue(report with { IsRead = true });
        }
    }

    private static void Put(ref Span<byte> to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to);
        to = to[bytes.Length..];
    }

    private byte[] Head(int user)
    {
        var mine = claims.DeepClone().AsObject();
        mine["sub"] = population.WaId(user).ToString(CultureInfo.InvariantCulture);
        var token = Jwt.Sign(mine, key);
        return
        [
            .. "/status HTTP/1.1\r\nHost: "u8, .. _host, .. "\r\nAuthorization: Bearer "u8, .. Encoding.ASCII.GetBytes(token),
            .. "\r\nContent-Type: application/json\r\nContent-Length: "u8,
        ];
    }

    private readonly record struct Report(int User, string Message, bool IsRead);
}
