using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Actors.Contracts;

namespace Actors.Api.Enrolments;

/// <summary>Ids of enrolments, and what is stored instead of numbers and codes. All from one secret of the installation, asked for once.</summary>
internal sealed class EnrolmentKeys : IDisposable
{
    private const string WamidPrefix = "wamid.";

    private readonly byte[] _key;
    private readonly Wamid _ids;

    /// <param name="secret">32 bytes, the same on all nodes for ever.</param>
    public EnrolmentKeys(ReadOnlySpan<byte> secret)
    {
        _key = HMACSHA256.HashData(secret, "proofs"u8);
        _ids = new Wamid(HMACSHA256.HashData(secret, "ids"u8));
    }

    /// <summary>A new code: six digits, each as likely as any other.</summary>
    public static string NewCode() => RandomNumberGenerator.GetInt32(1_000_000).ToString("000000", CultureInfo.InvariantCulture);

    /// <summary>A random serial: 1 to 2^48 - 1.</summary>
    public static long NewSerial() => RandomNumberGenerator.GetInt32(1, 1 << 16) + ((long)(uint)RandomNumberGenerator.GetInt32(int.MaxValue) << 16);

    /// <summary>An id: number and serial, enciphered as message ids are, under a key of its own. It tells nobody a number.</summary>
    public string IdOf(long user, long serial) => _ids.Encode(user, serial)[WamidPrefix.Length..];

    /// <summary>What an id stands for; false when it is none of ours.</summary>
    public bool TryRead(string id, out long user, out long serial) => _ids.TryDecode(WamidPrefix + id, out user, out serial);

    /// <summary>The key of a number's <see cref="IEnrolmentGrain"/>.</summary>
    public long GrainOf(long user) => BinaryPrimitives.ReadInt64LittleEndian(Hash('n', user, 0, ""));

    /// <summary>What is stored, and compared, instead of a code. A million codes are soon tried: only the key keeps it from telling its code.</summary>
    public ImmutableArray<byte> ProofOf(long user, long serial, string code) => [.. Hash('c', user, serial, code)];

    public void Dispose() => _ids.Dispose();

    private byte[] Hash(char what, long user, long serial, string code) =>
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what}/{user}/{serial}/{code}")));
}
