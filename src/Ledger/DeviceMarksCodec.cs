using System.Collections.Immutable;
using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>Encodes what devices said of a message: one version byte, then the marks; nothing for none. Every version ever written can be read.</summary>
public static class DeviceMarksCodec
{
    private const byte Version1 = 1;

    /// <summary>Encodes marks. About 16 bytes for each.</summary>
    public static byte[] Encode(ImmutableArray<DeviceMark> marks)
    {
        if (marks.IsEmpty)
        {
            return [];
        }

        var writer = new ByteWriter();
        try
        {
            writer.Byte(Version1);
            writer.Varint((ulong)marks.Length);
            foreach (var mark in marks)
            {
                writer.Text(mark.Device);
                writer.Varint(checked((ulong)mark.DeliveredAt.Milliseconds));

                // 0 for not read, and 1 more than how long after.
                writer.Varint(mark.ReadAt is { } at ? checked((ulong)(at.Milliseconds - mark.DeliveredAt.Milliseconds)) + 1 : 0);
            }

            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Decodes marks.</summary>
    /// <exception cref="InvalidDataException">An unknown version, or damaged.</exception>
    public static ImmutableArray<DeviceMark> Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return [];
        }

        var reader = new ByteReader(bytes);
        if (reader.Byte() is not Version1 and var version)
        {
            throw new InvalidDataException($"What devices said of a message has version {version}, which this program doesn't know.");
        }

        var marks = new DeviceMark[reader.Count()];
        for (var i = 0; i < marks.Length; i++)
        {
            var device = reader.Text();
            var delivered = reader.UpTo(long.MaxValue);
            var read = reader.UpTo(long.MaxValue - delivered);
            marks[i] = new DeviceMark(device, new Instant(delivered), read == 0 ? null : new Instant(delivered + read - 1));
        }

        reader.End();
        return [.. marks];
    }
}
