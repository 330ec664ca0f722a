using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>
/// Encodes what an event has besides its columns (place, time, user, business, message, kind): one version byte, packed flags, varints. Both stores
/// use it, and every version ever written can be read.
/// </summary>
internal static class EventCodec
{
    private const byte Version1 = 1;
    private const int CategoriesShift = 2, Counted = 1 << 5, InWindow = 1 << 6, HasText = 1 << 7;

    /// <summary>Encodes an event's body.</summary>
    /// <param name="event">The event.</param>
    /// <param name="text">Of events of businesses and templates; else null.</param>
    public static byte[] Encode(in UserEvent @event, string? text = null)
    {
        var writer = new ByteWriter();
        try
        {
            writer.Byte(Version1);
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
        if (version != Version1)
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
        reader.End();
        return new LedgerEvent(seq, user, @event, text);
    }
}
