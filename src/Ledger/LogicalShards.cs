namespace Actors.Ledger;

/// <summary>Users fall into 1,024 shards, for ever; a table says which server has a shard's users.</summary>
internal static class LogicalShards
{
    /// <summary>How many there are.</summary>
    public const int Count = 1_024;

    /// <summary>
    /// The shard of a user: the upper 10 bits of the wa_id mixed by MurmurHash3's 64-bit finalizer. Neighbouring numbers lie far apart. Never changes: it says
    /// where what is stored is found.
    /// </summary>
    public static int Of(long user)
    {
        var mixed = unchecked((ulong)user);
        mixed = unchecked((mixed ^ (mixed >> 33)) * 0xFF51AFD7ED558CCD);
        mixed = unchecked((mixed ^ (mixed >> 33)) * 0xC4CEB9FE1A85EC53);
        return (int)((mixed ^ (mixed >> 33)) >> 54);
    }
}
