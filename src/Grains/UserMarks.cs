using System.Buffers.Binary;
using System.Security.Cryptography;
using Actors.Ledger;

namespace Actors.Grains;

/// <summary>Marks that tell users apart without saying who they are: keyed hashes, others for each business.</summary>
/// <remarks>There are few phone numbers: without the secret a hash would soon be tried out. The marks of one business say nothing about another's.</remarks>
/// <param name="secret">A secret of the installation.</param>
internal sealed class UserMarks(byte[] secret)
{
    /// <summary>The mark of a user at a business.</summary>
    /// <param name="user">The wa_id; below 0 for somebody erased.</param>
    /// <param name="business">The business's id.</param>
    public long Of(long user, long business)
    {
        Span<byte> text = stackalloc byte[2 * sizeof(long)], hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(text, user);
        BinaryPrimitives.WriteInt64LittleEndian(text[sizeof(long)..], business);
        HMACSHA256.HashData(secret, text, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}

/// <summary>The installation's marks for what is kept of users' signals: their secret is read when it is first asked for. One per node.</summary>
internal sealed class SignalMarks(UserLedger ledger)
{
    /// <summary>By this name the ledger keeps the secret.</summary>
    public const string Secret = "signals";

    private const int Length = 32;

    private volatile UserMarks? _marks;

    /// <exception cref="LedgerUnavailableException">The secret can't be had.</exception>
    public async ValueTask<UserMarks> GetAsync() =>
        _marks ??= new UserMarks(await ledger.Store.ReadSecretAsync(Secret, Length, CancellationToken.None));
}
