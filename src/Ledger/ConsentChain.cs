using System.Security.Cryptography;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>
/// Chains a user's consent log: each entry's hash is SHA-256 over the hash before it and the entry's canonical encoding, the user among it. So no entry can be
/// changed, dropped, added or moved to another user without it showing.
/// </summary>
public static class ConsentChain
{
    /// <summary>Bytes of a hash.</summary>
    public const int HashLength = 32;

    private const byte Version1 = 1;

    /// <summary>The hash of an entry.</summary>
    /// <param name="previous">Hash of the entry before it; empty for the first.</param>
    /// <param name="user">The wa_id.</param>
    /// <param name="entry">The entry.</param>
    public static byte[] Hash(ReadOnlySpan<byte> previous, long user, ConsentEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (previous.Length is not (0 or HashLength))
        {
            throw new ArgumentException("A hash has 32 bytes.", nameof(previous));
        }

        var writer = new ByteWriter();
        try
        {
            Span<byte> before = stackalloc byte[HashLength];
            before.Clear();
            previous.CopyTo(before);
            writer.Raw(before);
            writer.Byte(Version1);
            writer.Fixed64((ulong)user);
            writer.Fixed32(entry.Number);
            writer.Fixed64((ulong)entry.Business);
            writer.Byte(entry.Grant ? (byte)1 : (byte)0);
            writer.Byte((byte)entry.Categories);
            writer.Byte((byte)entry.By);
            writer.Byte((byte)entry.Source);
            writer.Fixed64((ulong)entry.At.Milliseconds);
            writer.Fixed64((ulong)entry.RecordedAt.Milliseconds);
            Optional(ref writer, entry.Wording);
            Optional(ref writer, entry.Evidence);
            return SHA256.HashData(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Whether a user's whole consent log is as it was written.</summary>
    /// <param name="log">All entries, oldest first.</param>
    /// <param name="head">The head in the user's record; empty for none.</param>
    public static bool Verify(IReadOnlyList<StoredConsent> log, ReadOnlySpan<byte> head)
    {
        ArgumentNullException.ThrowIfNull(log);
        ReadOnlySpan<byte> previous = [];
        for (var i = 0; i < log.Count; i++)
        {
            if (log[i].Entry.Number != i + 1 || !log[i].Hash.Span.SequenceEqual(Hash(previous, log[i].User, log[i].Entry)))
            {
                return false;
            }

            previous = log[i].Hash.Span;
        }

        return previous.SequenceEqual(head);
    }

    private static void Optional(ref ByteWriter writer, string? text)
    {
        writer.Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null)
        {
            writer.Text(text);
        }
    }
}
