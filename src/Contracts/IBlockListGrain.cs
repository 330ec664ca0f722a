using System.Collections.Immutable;

namespace Actors.Contracts;

/// <summary>
/// Who is on a business's own block list, for showing it. Key: the business's id. What holds for a send stands in each user's record; this is told after it.
/// </summary>
[Alias("actors.block-list")]
public interface IBlockListGrain : IGrainWithIntegerKey
{
    /// <summary>How many are on it.</summary>
    [Alias("count")]
    Task<int> CountAsync();

    /// <summary>Users above <paramref name="after"/>, ascending by wa_id.</summary>
    /// <param name="limit">1 to 1,000.</param>
    [Alias("list")]
    Task<ImmutableArray<long>> ListAsync(long after, int limit);

    /// <summary>Notes users that were put on it or taken off; who is there already stays once.</summary>
    [Alias("note")]
    Task NoteAsync(ImmutableArray<long> users, bool blocked);
}
