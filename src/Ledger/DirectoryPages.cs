using System.Runtime.CompilerServices;

namespace Actors.Ledger;

/// <summary>The directory, however long it is.</summary>
public static class DirectoryPages
{
    /// <summary>All that a query finds behind <see cref="DirectoryQuery.After"/>, ascending by id, in pages of <see cref="DirectoryQuery.Limit"/>.</summary>
    /// <exception cref="LedgerUnavailableException">The storage is away.</exception>
    public static async IAsyncEnumerable<DirectoryEntry> ReadWholeDirectoryAsync(
        this ILedgerStore store, DirectoryQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await store.ReadDirectoryAsync(query, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var entry in page)
            {
                yield return entry;
            }

            query = query with { After = page[^1].Id };
        }
    }
}
