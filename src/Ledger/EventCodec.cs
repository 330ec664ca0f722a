using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Businesses;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>
/// Encodes what an event has besides its columns (place, time, user, business, message, kind): one version byte, packed flags, varints. Both stores
/// use it, and every version ever written can be read.
/// </summary>
/// <remarks>Version 2 is version 1 and, at its end, what most events don't have: one byte that names the parts, and the parts.</remarks>
internal static class EventCodec
{
    private const byte Version1 = 1, Version2 = 2;

    /// <summary>In milliseconds, as many as a length of time can be.</summary>
    private const long LengthMax = long.MaxValue / TimeSpan.TicksPerMillisecond;

    private const int CategoriesShift = 2, Counted = 1 << 5, InWindow = 1 << 6, HasText = 1 << 7;
    private const int CountsUser = 1, CountsForTemplate = 2, HasSignal = 4, Opened = 8, HasQuota = 16, HasLife = 32, HasResponse = 64;
    private const int MoreBits = (1 << 7) - 1, AfterShift = 4;

    /// <summary>Encodes an event's body.</summary>
    /// <param name="event">The event.</param>
    /// <param name="text">Of events of businesses and templates; else null.</param>
    public static byte[] Encode(in UserEvent @event, string? text = null)
    {
        var writer = new ByteWriter();
        try
        {
            var more = More(@event);
            writer.Byte(more == 0 ? Version1 : Version2);
            writer.Byte((byte)(
                (int)@event.Category
                | ((int)@event.Categories << CategoriesShift)
                | (@event.Counted ? Counted : 0)
                | (@event.InWindow ? InWindow : 0)
                | (text is null ? 0 : HasText)));
            writer.Varint(checked((ulong)@event.PhoneNumber));
            writer.Varint(checked((ulong)@event.Template));
            writer.Byte(@event.Detail);
            if (text is not null)
            {
                writer.Text(text);
            }

            if (more != 0)
            {
                writer.Byte(more);
                if ((more & HasSignal) != 0)
                {
                    writer.Byte((byte)((int)@event.Quality.Signal.GetValueOrDefault() | ((int)@event.Quality.After.GetValueOrDefault() << AfterShift)));
                    writer.Varint(checked((ulong)@event.Quality.Charged));
                }

                if ((more & HasQuota) != 0)
                {
                    writer.Varint(checked((ulong)@event.Quota));
                }

                WriteLength(ref writer, @event.Life);
                WriteLength(ref writer, @event.Response);
            }

            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Encodes the bodies of a commit's events.</summary>
    public static byte[][] Encode(ImmutableArray<UserEvent> events)
    {
        var bodies = new byte[events.Length][];
        for (var i = 0; i < bodies.Length; i++)
        {
            bodies[i] = Encode(events[i]);
        }

        return bodies;
    }

    /// <summary>Puts an event together from its columns and its body.</summary>
    /// <exception cref="InvalidDataException">An unknown version or kind, or a damaged body.</exception>
    public static LedgerEvent Decode(long seq, byte kind, Instant at, long user, long business, long message, ReadOnlySpan<byte> body)
    {
        if (!Enum.IsDefined((EventKind)kind))
        {
            throw new InvalidDataException($"A stored event has kind {kind}, which this program doesn't know.");
        }

        var reader = new ByteReader(body);
        var version = reader.Byte();
        if (version is not (Version1 or Version2))
        {
            throw new InvalidDataException($"A stored event has version {version}, which this program doesn't know.");
        }

        var flags = reader.Byte();
        var @event = new UserEvent(
            (EventKind)kind,
            at,
            business,
            message,
            PhoneNumber: reader.UpTo(long.MaxValue),
            Template: reader.UpTo(long.MaxValue),
            (Category)(flags & 3),
            (Categories)((flags >> CategoriesShift) & 7),
            Detail: reader.Byte(),
            (flags & Counted) != 0,
            (flags & InWindow) != 0);
        var text = (flags & HasText) == 0 ? null : reader.Text();
        if (version == Version2)
        {
            var more = (int)reader.UpTo(MoreBits);
            @event = @event with
            {
                Quality = ReadQuality(ref reader, more),
                Opened = (more & Opened) != 0,
                Quota = (more & HasQuota) == 0 ? 0 : reader.UpTo(long.MaxValue),
                Life = ReadLength(ref reader, more & HasLife),
                Response = ReadLength(ref reader, more & HasResponse),
            };
        }

        reader.End();
        return new LedgerEvent(seq, user, @event, text);
    }

    private static byte More(in UserEvent @event) => (byte)(
        (@event.Quality.CountsUser ? CountsUser : 0)
        | (@event.Quality.CountsForTemplate ? CountsForTemplate : 0)
        | (@event.Quality.Signal is null ? 0 : HasSignal)
        | (@event.Opened ? Opened : 0)
        | (@event.Quota == 0 ? 0 : HasQuota)
        | (@event.Life is null ? 0 : HasLife)
        | (@event.Response is null ? 0 : HasResponse));

    private static void WriteLength(ref ByteWriter writer, TimeSpan? length)
    {
        if (length is { } some)
        {
            writer.Varint(checked((ulong)(some.Ticks / TimeSpan.TicksPerMillisecond)));
        }
    }

    private static TimeSpan? ReadLength(ref ByteReader reader, int isThere) =>
        isThere == 0 ? null : TimeSpan.FromTicks(reader.UpTo(LengthMax) * TimeSpan.TicksPerMillisecond);

    private static QualityMark ReadQuality(ref ByteReader reader, int more)
    {
        var mark = QualityMark.Of((more & CountsUser) != 0, (more & CountsForTemplate) != 0);
        if ((more & HasSignal) == 0)
        {
            return mark;
        }

        var signals = reader.Byte();
        return mark with { Signal = Signal(signals & 15), After = Signal(signals >> AfterShift), Charged = reader.UpTo(long.MaxValue) };

        static NegativeSignal? Signal(int stored) =>
            stored == 0 ? null
            : stored <= (int)NegativeSignal.Report ? (NegativeSignal)stored
            : throw new InvalidDataException("A stored signal is unknown.");
    }
}
