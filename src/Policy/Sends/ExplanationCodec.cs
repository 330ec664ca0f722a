using System.Buffers.Binary;
using Actors.Policy.Sends.Rules;
using Actors.Policy.Users;

namespace Actors.Policy.Sends;

/// <summary>The bytes of an <see cref="AcceptanceExplanation"/>: a version, a byte of flags, then only the parts that the flags name, little-endian.</summary>
/// <remarks>
/// A new version is read beside the old ones; no version is ever changed. Version 2 adds the version of the policy's numbers, the window's length, and in
/// the flags why the day's number of the cap was what it was.
/// </remarks>
internal static class ExplanationCodec
{
    private const byte Version1 = 1, Version2 = 2;
    private const int BasisShift = 4;
    private const int InstantLength = 6, ConsentLength = 5, CapLength = 6;

    [Flags]
    private enum Parts : byte
    {
        None = 0,
        Window = 1,
        Consent = 2,
        Opened = 4,
        Cap = 8,
        All = Window | Consent | Opened | Cap,
    }

    /// <summary>Reads what any version wrote.</summary>
    /// <exception cref="FormatException">None did.</exception>
    public static AcceptanceExplanation Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || bytes[0] is not (Version1 or Version2))
        {
            throw new FormatException("Not an acceptance explanation of a known version.");
        }

        var isSecond = bytes[0] == Version2;
        var (parts, basis) = ((Parts)bytes[1] & Parts.All, (CapBasis)(bytes[1] >> BasisShift));
        if (basis > (isSecond ? CapBasis.Own : CapBasis.Standard))
        {
            throw new FormatException("An acceptance explanation with parts that are not known.");
        }

        var left = bytes[2..];
        var explanation = new AcceptanceExplanation
        {
            PolicyVersion = isSecond ? checked((uint)Number(ref left, uint.MaxValue)) : null,
            Opened = parts.HasFlag(Parts.Opened),
        };
        if (parts.HasFlag(Parts.Window))
        {
            var from = new Instant(isSecond ? Milliseconds(Take(ref left, InstantLength)) : BinaryPrimitives.ReadInt64LittleEndian(Take(ref left, 8)));
            explanation = explanation with
            {
                WindowFrom = from,
                WindowUntil = isSecond ? from + TimeSpan.FromMilliseconds(Number(ref left, uint.MaxValue)) : null,
            };
        }

        if (parts.HasFlag(Parts.Consent))
        {
            var consent = Take(ref left, ConsentLength);
            explanation = explanation with { ConsentEntry = BinaryPrimitives.ReadUInt32LittleEndian(consent), ConsentSource = (ConsentSource)consent[4] };
        }

        if (parts.HasFlag(Parts.Cap))
        {
            var cap = Take(ref left, CapLength);
            explanation = explanation with { Cap = new(cap[0], cap[1], cap[2], cap[3], cap[4], cap[5], basis) };
        }

        return left.IsEmpty ? explanation : throw WrongLength();
    }

    /// <summary>The bytes to store for an accepted send: <see cref="Read"/> gives back what was looked at.</summary>
    public static byte[] Bytes(in SendCase send)
    {
        var consent = send.Relation.ConsentFor(send.Command.Category);
        var numbers = send.Numbers.MarketingCap;
        var (perDay, basis) = send.Counts ? CapStanding.PerDay(send.State, numbers, send.Now) : default;
        var parts = (send.InWindow ? Parts.Window : Parts.None)
            | (consent.IsLive ? Parts.Consent : Parts.None)
            | (send.Opens ? Parts.Opened : Parts.None)
            | (send.Counts ? Parts.Cap : Parts.None);

        Span<byte> bytes = stackalloc byte[AcceptanceExplanation.BytesMax];
        bytes[0] = Version2;
        bytes[1] = (byte)((int)parts | ((int)basis << BasisShift));
        var length = 2;
        length += Put(bytes[length..], send.Numbers.Version);
        if (send.InWindow)
        {
            PutMilliseconds(bytes[length..], send.Relation.WindowFrom.GetValueOrDefault().Milliseconds);
            length += InstantLength;
            length += Put(bytes[length..], (uint)send.Numbers.Window.Length.TotalMilliseconds);
        }

        if (consent.IsLive)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[length..], consent.Entry);
            bytes[length + 4] = (byte)consent.Source;
            length += ConsentLength;
        }

        if (send.Counts)
        {
            var used = CapUse.Of(send.State.Receipts, send.Command.Business, send.Now);
            ReadOnlySpan<byte> cap =
            [
                (byte)(used.Day + 1), (byte)perDay, (byte)(used.Week + 1), (byte)numbers.PerWeek, (byte)(used.Business + 1), (byte)numbers.PerBusinessPerDay,
            ];
            cap.CopyTo(bytes[length..]);
            length += CapLength;
        }

        return bytes[..length].ToArray();
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> left, int count)
    {
        if (left.Length < count)
        {
            throw WrongLength();
        }

        var taken = left[..count];
        left = left[count..];
        return taken;
    }

    /// <summary>A varint: seven bits a byte, low ones first.</summary>
    private static long Number(ref ReadOnlySpan<byte> left, long max)
    {
        var value = 0L;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = Take(ref left, 1)[0];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value <= max ? value : throw WrongLength();
            }
        }

        throw WrongLength();
    }

    private static int Put(Span<byte> to, uint value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            to[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        to[length++] = (byte)value;
        return length;
    }

    private static long Milliseconds(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32);

    private static void PutMilliseconds(Span<byte> to, long value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)value);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], (ushort)(value >> 32));
    }

    private static FormatException WrongLength() => new("An acceptance explanation of the wrong length.");
}
