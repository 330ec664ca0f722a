using System.Buffers.Binary;
using Actors.Policy.Sends.Rules;
using Actors.Policy.Users;

namespace Actors.Policy.Sends;

/// <summary>Why a send was accepted, as it stood at that moment: kept with the message in at most <see cref="BytesMax"/> bytes.</summary>
/// <remarks>
/// Stored. One version byte, one byte of flags, then only the parts that the flags name, little-endian. A new version is read beside the old ones;
/// no version is ever changed.
/// </remarks>
public sealed record AcceptanceExplanation
{
    /// <summary>Most bytes that one takes.</summary>
    public const int BytesMax = 24;

    private const byte Version = 1;

    /// <summary>The user's message whose window it was sent in; null outside a window.</summary>
    public Instant? WindowFrom { get; init; }

    /// <summary>Number of the consent log's entry that it rests on; null where no consent was live (inside a window only).</summary>
    public uint? ConsentEntry { get; init; }

    /// <summary>Where that consent was given; only with <see cref="ConsentEntry"/>.</summary>
    public ConsentSource ConsentSource { get; init; }

    /// <summary>Whether it opened a conversation: outside the window, and none was opened within 24 hours.</summary>
    public bool Opened { get; init; }

    /// <summary>The places of the marketing cap, this message included; null where it is not counted.</summary>
    public CapPlaces? Cap { get; init; }

    /// <summary>Counted marketing messages of the user, this one included, and the numbers of that moment.</summary>
    /// <param name="Day">In the last 24 hours, over all businesses.</param>
    /// <param name="PerDay">The most that may be.</param>
    /// <param name="Week">In the last 7 days, over all businesses.</param>
    /// <param name="PerWeek">The most that may be.</param>
    /// <param name="Business">In the last 24 hours, from this business.</param>
    /// <param name="PerBusinessPerDay">The most that may be.</param>
    public readonly record struct CapPlaces(byte Day, byte PerDay, byte Week, byte PerWeek, byte Business, byte PerBusinessPerDay);

    [Flags]
    private enum Parts : byte
    {
        None = 0,
        Window = 1,
        Consent = 2,
        Opened = 4,
        Cap = 8,
    }

    /// <summary>Reads a stored one.</summary>
    /// <returns>Null when there is none: <paramref name="bytes"/> is empty.</returns>
    /// <exception cref="FormatException">Not one that any version has written.</exception>
    public static AcceptanceExplanation? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        if (bytes[0] != Version || bytes.Length < 2)
        {
            throw new FormatException("Not an acceptance explanation of a known version.");
        }

        var parts = (Parts)bytes[1];
        if (bytes.Length != Length(parts))
        {
            throw new FormatException("An acceptance explanation of the wrong length.");
        }

        var explanation = new AcceptanceExplanation { Opened = parts.HasFlag(Parts.Opened) };
        var rest = bytes[2..];
        if (parts.HasFlag(Parts.Window))
        {
            explanation = explanation with { WindowFrom = new Instant(BinaryPrimitives.ReadInt64LittleEndian(rest)) };
            rest = rest[8..];
        }

        if (parts.HasFlag(Parts.Consent))
        {
            explanation = explanation with { ConsentEntry = BinaryPrimitives.ReadUInt32LittleEndian(rest), ConsentSource = (ConsentSource)rest[4] };
            rest = rest[5..];
        }

        return parts.HasFlag(Parts.Cap)
            ? explanation with { Cap = new CapPlaces(rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]) }
            : explanation;
    }

    /// <summary>The bytes to store for an accepted send: <see cref="Read"/> gives back what was looked at.</summary>
    internal static byte[] Bytes(in SendCase send)
    {
        var consent = send.Relation.ConsentFor(send.Command.Category);
        var parts = (send.InWindow ? Parts.Window : Parts.None)
            | (consent.IsLive ? Parts.Consent : Parts.None)
            | (send.Opens ? Parts.Opened : Parts.None)
            | (send.Counts ? Parts.Cap : Parts.None);

        var bytes = new byte[Length(parts)];
        bytes[0] = Version;
        bytes[1] = (byte)parts;
        var rest = bytes.AsSpan(2);
        if (send.InWindow)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, send.Relation.WindowFrom.GetValueOrDefault().Milliseconds);
            rest = rest[8..];
        }

        if (consent.IsLive)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, consent.Entry);
            rest[4] = (byte)consent.Source;
            rest = rest[5..];
        }

        if (send.Counts)
        {
            var (used, numbers) = (CapUse.Of(send.State.Receipts, send.Command.Business, send.Now), send.Numbers.MarketingCap);
            rest[0] = (byte)(used.Day + 1);
            rest[1] = (byte)numbers.PerDay;
            rest[2] = (byte)(used.Week + 1);
            rest[3] = (byte)numbers.PerWeek;
            rest[4] = (byte)(used.Business + 1);
            rest[5] = (byte)numbers.PerBusinessPerDay;
        }

        return bytes;
    }

    private static int Length(Parts parts) =>
        2
        + (parts.HasFlag(Parts.Window) ? 8 : 0)
        + (parts.HasFlag(Parts.Consent) ? 5 : 0)
        + (parts.HasFlag(Parts.Cap) ? 6 : 0);
}
