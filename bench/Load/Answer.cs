using System.Buffers.Text;
using System.IO.Hashing;

namespace Actors.Bench.Load;

/// <summary>What the generator needs of one HTTP answer.</summary>
internal struct Answer
{
    public int Status;

    /// <summary>The error's code; 0 where there is none.</summary>
    public int Code;

    /// <summary>Hash of the message's id; 0 where there is none.</summary>
    public ulong Wamid;

    /// <summary>Seconds of <c>Retry-After</c>; -1 where there is none.</summary>
    public int RetryAfter;

    /// <summary>Whether it says that an idempotency key was replayed.</summary>
    public bool Replayed;

    /// <summary>Whether it names the recipient that was asked for.</summary>
    public bool RightRecipient;

    /// <summary>Whether the server closes the connection after it.</summary>
    public bool Close;

    /// <summary>Reads one answer from the start of what was received.</summary>
    /// <param name="received">What was received so far; a body in chunks is put together in place.</param>
    /// <param name="recipient">The digits asked for.</param>
    /// <returns>Whether it is complete.</returns>
    public static bool TryRead(Span<byte> received, ReadOnlySpan<byte> recipient, out Answer answer)
    {
        answer = new Answer { RetryAfter = -1 };
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        answer.Status = Number(received[9..]);
        var length = 0;
        var chunked = false;
        var lines = received[..(end + 2)];
        for (lines = lines[(lines.IndexOf("\r\n"u8) + 2)..]; lines.Length > 0;)
        {
            var line = lines[..lines.IndexOf("\r\n"u8)];
            lines = lines[(line.Length + 2)..];
            switch (line[0] | 0x20)
            {
                case 'c' when Is(line, "Content-Length: "u8):
                    length = Number(line["Content-Length: ".Length..]);
                    break;
                case 'c' when Is(line, "Connection: close"u8):
                    answer.Close = true;
                    break;
                case 't' when Is(line, "Transfer-Encoding: chunked"u8):
                    chunked = true;
                    break;
                case 'r' when Is(line, "Retry-After: "u8):
                    answer.RetryAfter = Number(line["Retry-After: ".Length..]);
                    break;
                case 'i' when Is(line, "Idempotent-Replayed: true"u8):
                    answer.Replayed = true;
                    break;
            }
        }

        var body = received[(end + 4)..];
        if (chunked ? !TryJoin(ref body) : body.Length < length)
        {
            return false;
        }

        Read(chunked ? body : body[..length], recipient, ref answer);
        return true;
    }

    /// <summary>The number that a text starts with; -1 for none.</summary>
    private static int Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out int number, out _) ? number : -1;

    private static bool Is(ReadOnlySpan<byte> line, ReadOnlySpan<byte> start) =>
        line.Length >= start.Length && System.Text.Ascii.EqualsIgnoreCase(line[..start.Length], start);

    /// <summary>Puts the chunks of a body together; false while some are missing. Changes nothing then.</summary>
    private static bool TryJoin(ref Span<byte> body)
    {
        if (!body.EndsWith("0\r\n\r\n"u8))
        {
            return false;
        }

        var (from, to) = (0, 0);
        while (true)
        {
            if (!Utf8Parser.TryParse(body[from..], out int size, out var digits, 'x'))
            {
                throw new InvalidDataException("A chunk without its size.");
            }

            from += digits + 2;
            if (size == 0)
            {
                body = body[..to];
                return true;
            }

            body.Slice(from, size).CopyTo(body[to..]);
            (from, to) = (from + size + 2, to + size);
        }
    }

    private static void Read(ReadOnlySpan<byte> body, ReadOnlySpan<byte> recipient, ref Answer answer)
    {
        if (answer.Status < 300)
        {
            var id = body.IndexOf("wamid."u8);
            if (id >= 0)
            {
                var text = body[id..];
                answer.Wamid = XxHash3.HashToUInt64(text[..text.IndexOf((byte)'"')]);
                answer.RightRecipient = body[..id].IndexOf(recipient) >= 0;
            }

            return;
        }

        var code = body.IndexOf("\"code\":"u8);
        if (code >= 0)
        {
            answer.Code = Number(body[(code + "\"code\":".Length)..].TrimStart((byte)' '));
        }
    }
}
